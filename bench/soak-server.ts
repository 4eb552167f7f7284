// A process of its own for one server of a soak. Asked for its memory, it collects garbage
// first where it may (--expose-gc).

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { serveFastcgi } from "dram/fastcgi";
import { toNode } from "dram/node";
import { application, bodies } from "./soak-application.ts";
import type { SoakState } from "./soaking.ts";

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

const port = await listen(process.argv[2]);
process.on("message", () => {
  globalThis.gc?.();
  const { rss, heapUsed: heap } = process.memoryUsage();
  const state: SoakState = { ...bodies, rss, heap };
  process.send?.(state);
});
process.send?.(port);

async function listen(name: string | undefined): Promise<number> {
  if (name === "fastcgi") {
    const { port = 0 } = await serveFastcgi(application, { port: 0 });
    return port;
  }
  const server = createServer(name === "bare" ? bare : toNode(application)).listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
