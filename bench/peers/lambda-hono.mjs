import { Hono } from "hono";
import { handle } from "hono/aws-lambda";

/** A Lambda handler of the application that bench/lambda.ts describes. */
export function create(bytes) {
  const app = new Hono();
  app.get("/hello", (c) => c.text("Hello, world\n"));
  app.get("/cookies", (c) => c.text(String(c.req.header("cookie").split("; ").length)));
  app.get("/bytes", (c) => c.body(bytes, 200, { "content-type": "application/octet-stream" }));
  app.post("/json", async (c) => c.json({ items: (await c.req.json()).items.length }));
  return handle(app);
}
