// A process of its own for one candidate of bench/node.ts: tells its parent its port, and, each time it
// is asked, the CPU time it has used in microseconds.

import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { type Application, text } from "dram";
import { serve, toNode } from "dram/node";

/** Hono has its packages in peers/, so that a user's npm ci stays small. */
const { listener }: { listener(type: string, bytes: Uint8Array): RequestListener } = await import(
  String(new URL("./peers/hono.mjs", import.meta.url))
);

const TYPE = "text/plain; charset=utf-8";
const BYTES = new TextEncoder().encode("Hello, world\n");

/** The same three pages, as each candidate's users would write them. */
const application: Application = (environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", TYPE]]);
  switch (environ.PATH_INFO) {
    case "/text":
      return text("Hello, world\n");
    case "/bytes":
      return [BYTES];
    default:
      return environ["wsgi.input"].read().then((body) => [body]);
  }
};

function bare(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === "/text") {
    response.writeHead(200, { "Content-Type": TYPE, "Content-Length": 13 });
    response.end("Hello, world\n");
  } else if (request.url === "/bytes") {
    response.writeHead(200, { "Content-Type": TYPE, "Content-Length": BYTES.length });
    response.end(BYTES);
  } else {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      response.writeHead(200, { "Content-Type": TYPE, "Content-Length": body.length });
      response.end(body);
    });
  }
}

const listeners: Record<string, RequestListener> = {
  bare,
  dram: toNode(application),
  hono: listener(TYPE, BYTES),
};

process.send?.(await listen(process.argv[2] ?? ""));
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.(user + system);
});

async function listen(name: string): Promise<number | undefined> {
  if (name === "dram serve") {
    return (await serve(application, { port: 0 })).port;
  }
  const server = createServer(listeners[name]).listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
