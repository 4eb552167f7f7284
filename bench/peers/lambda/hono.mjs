import { Hono } from "hono";
import { handle } from "hono/aws-lambda";
import { BYTES } from "./bytes.mjs";

const app = new Hono()
  .get("/hello", (c) => c.text("Hello, world\n"))
  .get("/cookies", (c) => c.text(String(c.req.header("cookie").split(";").length)))
  .get("/bytes", (c) => c.body(BYTES, 200, { "content-type": "application/octet-stream" }))
  .post("/json", async (c) => c.json({ items: (await c.req.json()).items.length }));

export const handler = handle(app);
