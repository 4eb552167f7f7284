// A process of its own for one candidate of bench/soak-node.ts. Asked for its memory, it collects garbage
// first where it may (--expose-gc).

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Application, Environ } from "dram";
import { toNode } from "dram/node";
import type { SoakState } from "./soak-node.ts";

const CHUNK = new Uint8Array(65_536);
const bodies = { started: 0, closed: 0 };

/** `/abort`: a body without end. `/down?BYTES`: that many. `/up`: counts what it is sent. */
const application: Application = async (environ, startResponse) => {
  if (environ.PATH_INFO === "/up") {
    let size = 0;
    const input = environ["wsgi.input"];
    for (let block = await input.read(65_536); block.length > 0; ) {
      size += block.length;
      block = await input.read(65_536);
    }
    startResponse("200 OK", []);
    return [new TextEncoder().encode(String(size))];
  }
  startResponse("200 OK", [["Content-Type", "application/octet-stream"]]);
  bodies.started++;
  return {
    [Symbol.asyncIterator]: () => chunks(environ),
    close() {
      bodies.closed++;
    },
  };
};

async function* chunks({ PATH_INFO, QUERY_STRING }: Environ): AsyncGenerator<Uint8Array> {
  const size = PATH_INFO === "/down" ? Number(QUERY_STRING) : Number.POSITIVE_INFINITY;
  for (let sent = 0; sent < size; sent += CHUNK.length) {
    yield CHUNK;
  }
}

/** The same by hand, for what memory Node itself takes. */
async function bare(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path, query] = (request.url ?? "").split("?");
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

const server = createServer(process.argv[2] === "bare" ? bare : toNode(application)).listen(
  0,
  "127.0.0.1",
);
await once(server, "listening");
process.on("message", () => {
  globalThis.gc?.();
  const state: SoakState = { ...bodies, rss: process.memoryUsage.rss() };
  process.send?.(state);
});
process.send?.((server.address() as AddressInfo).port);
