import { createServer } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const TYPE = "text/plain; charset=utf-8";
const BYTES = new TextEncoder().encode("Hello, world\n");
const CHUNK = new Uint8Array(2 ** 16);

/** The pages of run/servers.ts by node:http alone. */
export function listener(request, response) {
  switch (request.url) {
    case "/text":
      send(response, "Hello, world\n");
      break;
    case "/bytes":
      send(response, BYTES);
      break;
    case "/header":
      send(response, request.headers["user-agent"]);
      break;
    case "/headers": {
      let length = 0;
      for (const name in request.headers) {
        length += request.headers[name].length;
      }
      send(response, String(length));
      break;
    }
    case "/stream":
      response.writeHead(200, { "Content-Type": TYPE });
      pipeline(Readable.from(chunks()), response).catch(() => {});
      break;
    default: {
      const chunks = [];
      request.on("data", (chunk) => chunks.push(chunk));
      request.on("end", () => send(response, Buffer.concat(chunks)));
    }
  }
}

function send(response, body) {
  response.writeHead(200, { "Content-Type": TYPE, "Content-Length": body.length });
  response.end(body);
}

function* chunks() {
  for (let count = 0; count < 1024; count++) {
    yield CHUNK;
  }
}

export function listen() {
  return new Promise((resolve) => {
    const server = createServer(listener);
    server.listen(0, "127.0.0.1", () => resolve(server.address().port));
  });
}
