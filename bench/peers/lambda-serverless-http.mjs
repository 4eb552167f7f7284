import serverless from "serverless-http";

/** A Lambda handler of the application that bench/lambda.ts describes. */
export function create(bytes) {
  return serverless(listener(bytes), { binary: ["application/octet-stream"] });
}

export function listener(bytes) {
  return (request, response) => {
    switch (new URL(request.url, "http://localhost").pathname) {
      case "/cookies":
        text(response, String(request.headers.cookie.split("; ").length));
        return;
      case "/bytes":
        response.setHeader("content-type", "application/octet-stream");
        response.end(bytes);
        return;
      case "/json": {
        const chunks = [];
        request.on("data", (chunk) => chunks.push(chunk));
        request.on("end", () => {
          const { items } = JSON.parse(Buffer.concat(chunks).toString());
          response.setHeader("content-type", "application/json");
          response.end(JSON.stringify({ items: items.length }));
        });
        return;
      }
      default:
        text(response, "Hello, world\n");
    }
  };
}

function text(response, content) {
  response.setHeader("content-type", "text/plain; charset=utf-8");
  response.end(content);
}
