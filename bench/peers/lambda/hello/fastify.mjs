import awsLambda from "@fastify/aws-lambda";
import fastify from "fastify";

const app = fastify();
app.get("/hello", async (_request, reply) =>
  reply.type("text/plain; charset=utf-8").send("Hello, world\n"),
);

export const handler = awsLambda(app);
