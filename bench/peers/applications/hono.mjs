import { Hono } from "hono";
import { stream } from "./fetch.mjs";

const BYTES = new TextEncoder().encode("Hello, world\n");
const PLAIN = { "content-type": "text/plain; charset=utf-8" };

/** The pages of run/servers.ts as a user of Hono would write them. */
export const app = new Hono()
  .get("/text", (c) => c.body("Hello, world\n", 200, PLAIN))
  .get("/bytes", (c) => c.body(BYTES, 200, PLAIN))
  .get("/header", (c) => c.body(c.req.header("user-agent"), 200, PLAIN))
  .get("/headers", (c) => {
    let length = 0;
    for (const value of Object.values(c.req.header())) {
      length += value.length;
    }
    return c.body(String(length), 200, PLAIN);
  })
  .get("/stream", (c) => c.body(stream(), 200, PLAIN))
  .post("/echo", async (c) => c.body(await c.req.arrayBuffer(), 200, PLAIN));
