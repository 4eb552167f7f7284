export async function handler() {
  return {
    statusCode: 200,
    headers: { "content-type": "text/plain; charset=utf-8" },
    body: "Hello, world\n",
    isBase64Encoded: false,
  };
}
