import { BYTES } from "../lambda/bytes.mjs";
import { pathOf } from "./path.mjs";

/** The pages of lambda/driver.ts by the Fetch API alone. */
export async function fetch(request) {
  switch (pathOf(request.url)) {
    case "/cookies":
      return text(String(request.headers.get("cookie").split(";").length));
    case "/bytes":
      return new Response(BYTES, { headers: { "content-type": "application/octet-stream" } });
    case "/json": {
      const { items } = await request.json();
      return Response.json({ items: items.length });
    }
    default:
      return text("Hello, world\n");
  }
}

function text(content) {
  return new Response(content, { headers: { "content-type": "text/plain; charset=utf-8" } });
}
