// A process of its own for one candidate of bench/soak-node.ts. Asked for its memory, it collects garbage
// first where it may (--expose-gc).

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { toNode } from "dram/node";
import { application, bodies } from "./soak-application.ts";
import type { SoakState } from "./soak-node.ts";

const CHUNK = new Uint8Array(65_536);

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
