import { BYTES } from "../lambda/bytes.mjs";
import { target } from "./path.mjs";

/** The pages of lambda/driver.ts as a listener of node:http has them. */
export function listener(request, response) {
  switch (target(request.url)) {
    case "/cookies":
      text(response, String(request.headers.cookie.split(";").length));
      return;
    case "/bytes":
      response.setHeader("content-type", "application/octet-stream");
      response.end(BYTES);
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
}

function text(response, content) {
  response.setHeader("content-type", "text/plain; charset=utf-8");
  response.end(content);
}
