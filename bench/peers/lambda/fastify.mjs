import awsLambda from "@fastify/aws-lambda";
import fastify from "fastify";
import { BYTES } from "./bytes.mjs";

const PLAIN = "text/plain; charset=utf-8";

const app = fastify();
app.get("/hello", async (_request, reply) => reply.type(PLAIN).send("Hello, world\n"));
app.get("/cookies", async (request, reply) =>
  reply.type(PLAIN).send(String(request.headers.cookie.split(";").length)),
);
app.get("/bytes", async (_request, reply) =>
  reply.type("application/octet-stream").send(Buffer.from(BYTES.buffer)),
);
app.post("/json", async (request) => ({ items: request.body.items.length }));

export const handler = awsLambda(app, { binaryMimeTypes: ["application/octet-stream"] });
