// A Fetch handler by hand, for what memory workerd and Deno themselves take.

const handler: { fetch: typeof answer } = { fetch: answer };

export default handler;

async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === "/up") {
    let size = 0;
    for await (const chunk of request.body ?? []) {
      size += chunk.length;
    }
    return new Response(String(size));
  }
  if (pathname === "/state") {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
    globalThis.gc?.();
    return Response.json({ started: 0, closed: 0, pulled: 0, heap: 0 });
  }
  return new Response("Hello, world\n", {
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
}
