import { createServer } from "node:http";

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
      stream(response, 1024);
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

/** As much as the socket takes, and the rest when it has room again. */
function stream(response, left) {
  while (left-- > 0) {
    if (!response.write(CHUNK)) {
      response.once("drain", () => stream(response, left));
      return;
    }
  }
  response.end();
}

export function listen() {
  return new Promise((resolve) => {
    const server = createServer({ optimizeEmptyRequests: true }, listener);
    server.listen(0, "127.0.0.1", () => resolve(server.address().port));
  });
}
