// A process of its own for one candidate of bench/servers.ts: tells its parent its port, and, each time it
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
import { fromNode } from "dram/from/node";
import { serve, toNode } from "dram/node";
import express from "express";

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

const app: RequestListener = express()
  .get("/text", (_request, response) => response.type("text").send("Hello, world\n"))
  .get("/bytes", (_request, response) =>
    response.set("Content-Type", TYPE).send(Buffer.from(BYTES)),
  )
  .post("/echo", express.raw({ type: "*/*" }), (request, response) => {
    response.type("text").send(request.body);
  });

/** Applications that `serve` serves. */
const applications: Record<string, Application> = {
  "dram serve": application,
  fromNode: fromNode(bare),
  "fromNode express": fromNode(app),
};

const listeners: Record<string, RequestListener> = {
  express: app,
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
  const served = applications[name];
  if (served !== undefined) {
    return (await serve(served, { port: 0 })).port;
  }
  const server = createServer(listeners[name]).listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
