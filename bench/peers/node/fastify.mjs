import { Readable } from "node:stream";
import fastify from "fastify";

const TYPE = "text/plain; charset=utf-8";
const BYTES = Buffer.from("Hello, world\n");
const CHUNK = new Uint8Array(2 ** 16);

const app = fastify({ http: { optimizeEmptyRequests: true } });
app.addContentTypeParser("text/plain", { parseAs: "buffer" }, (_request, body, done) =>
  done(null, body),
);
app.get("/text", async (_request, reply) => reply.type(TYPE).send("Hello, world\n"));
app.get("/bytes", async (_request, reply) => reply.type(TYPE).send(BYTES));
app.get("/header", async (request, reply) => reply.type(TYPE).send(request.headers["user-agent"]));
app.get("/headers", async (request, reply) => {
  let length = 0;
  for (const name in request.headers) {
    length += request.headers[name].length;
  }
  return reply.type(TYPE).send(String(length));
});
app.get("/stream", async (_request, reply) => reply.type(TYPE).send(Readable.from(chunks())));
app.post("/echo", async (request, reply) => reply.type(TYPE).send(request.body));

function* chunks() {
  for (let count = 0; count < 1024; count++) {
    yield CHUNK;
  }
}

export async function listen() {
  await app.listen({ host: "127.0.0.1", port: 0 });
  return app.server.address().port;
}
