import serverlessExpress from "@codegenie/serverless-express";
import express from "express";

/** A Lambda handler of the application that bench/lambda.ts describes. */
export function create(bytes) {
  return serverlessExpress({
    app: listener(bytes),
    binarySettings: { contentTypes: ["application/octet-stream"] },
  });
}

export function listener(bytes) {
  const app = express();
  app.get("/hello", (_request, response) => text(response, "Hello, world\n"));
  app.get("/cookies", (request, response) =>
    text(response, String(request.headers.cookie.split("; ").length)),
  );
  app.get("/bytes", (_request, response) => {
    response.set("content-type", "application/octet-stream").send(Buffer.from(bytes.buffer));
  });
  app.post("/json", express.json(), (request, response) => {
    response.json({ items: request.body.items.length });
  });
  return app;
}

function text(response, content) {
  response.set("content-type", "text/plain; charset=utf-8").send(content);
}
