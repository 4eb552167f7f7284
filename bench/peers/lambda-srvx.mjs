import { toLambdaHandler } from "srvx/aws-lambda";

/** A Lambda handler of the application that bench/lambda.ts describes. */
export function create(bytes) {
  return toLambdaHandler({
    async fetch(request) {
      switch (new URL(request.url).pathname) {
        case "/cookies":
          return text(String(request.headers.get("cookie").split("; ").length));
        case "/bytes":
          return new Response(bytes, { headers: { "content-type": "application/octet-stream" } });
        case "/json": {
          const { items } = await request.json();
          return Response.json({ items: items.length });
        }
        default:
          return text("Hello, world\n");
      }
    },
  });
}

function text(content) {
  return new Response(content, { headers: { "content-type": "text/plain; charset=utf-8" } });
}
