// node:http by hand, for what memory Node itself takes.

import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { NodeListener } from "dram/node";

const CHUNK = new Uint8Array(65_536);

export function createListener(): NodeListener {
  return (request, response) => {
    serve(request as IncomingMessage, response as ServerResponse);
  };
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path, query] = (request.url ?? "").split("?");
  if (path === "/hello") {
    response.writeHead(200, { "content-type": "text/plain; charset=utf-8", "content-length": 13 });
    response.end("Hello, world\n");
    return;
  }
  if (path === "/state") {
    globalThis.gc?.();
    const { heapUsed: heap } = process.memoryUsage();
    const state = JSON.stringify({ started: 0, closed: 0, pulled: 0, heap });
    response.writeHead(200, { "content-length": state.length }).end(state);
    return;
  }
  if (path === "/up") {
    let size = 0;
    for await (const chunk of request) {
      size += chunk.length;
    }
    response.end(String(size));
    return;
  }
  for (let sent = 0; sent < Number(query) && !response.destroyed; sent += CHUNK.length) {
    if (!response.write(CHUNK)) {
      await once(response, "drain");
    }
  }
  response.end();
}
