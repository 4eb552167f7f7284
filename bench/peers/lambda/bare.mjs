import { BYTES } from "./bytes.mjs";

const PLAIN = "text/plain; charset=utf-8";

/** What someone would write by hand for just these events. */
export async function handler(event) {
  switch (event.rawPath ?? event.path) {
    case "/cookies":
      return respond(event, PLAIN, String(event.cookies.join("; ").split(";").length));
    case "/bytes":
      return {
        statusCode: 200,
        headers: { "content-type": "application/octet-stream" },
        body: Buffer.from(BYTES.buffer).toString("base64"),
        isBase64Encoded: true,
      };
    case "/json": {
      const { items } = JSON.parse(event.body);
      return respond(event, "application/json", JSON.stringify({ items: items.length }));
    }
    default:
      return respond(event, PLAIN, "Hello, world\n");
  }
}

function respond(event, type, body) {
  return event.multiValueHeaders === undefined
    ? { statusCode: 200, headers: { "content-type": type }, body, isBase64Encoded: false }
    : {
        statusCode: 200,
        multiValueHeaders: { "content-type": [type] },
        body,
        isBase64Encoded: false,
      };
}
