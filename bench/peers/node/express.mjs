import { createServer } from "node:http";
import { Readable } from "node:stream";
import express from "express";

const TYPE = "text/plain; charset=utf-8";
const BYTES = Buffer.from("Hello, world\n");
const CHUNK = new Uint8Array(2 ** 16);

export const app = express()
  .disable("etag")
  .disable("x-powered-by")
  .get("/text", (_request, response) => response.type(TYPE).send("Hello, world\n"))
  .get("/bytes", (_request, response) => response.set("Content-Type", TYPE).send(BYTES))
  .get("/header", (request, response) => response.type(TYPE).send(request.get("user-agent")))
  .get("/headers", (request, response) => {
    let length = 0;
    for (const name in request.headers) {
      length += request.headers[name].length;
    }
    response.type(TYPE).send(String(length));
  })
  .get("/stream", (_request, response) => Readable.from(chunks()).pipe(response.type(TYPE)))
  .post("/echo", express.raw({ type: "*/*" }), (request, response) => {
    response.set("Content-Type", TYPE).send(request.body);
  });

function* chunks() {
  for (let count = 0; count < 1024; count++) {
    yield CHUNK;
  }
}

export function listen() {
  return new Promise((resolve) => {
    const server = createServer({ optimizeEmptyRequests: true }, app);
    server.listen(0, "127.0.0.1", () => resolve(server.address().port));
  });
}
