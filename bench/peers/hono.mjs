import { getRequestListener, serve } from "@hono/node-server";
import { Hono } from "hono";

/** Serves a Fetch handler; resolves to the port. */
export function listen(fetch) {
  return new Promise((resolve) => {
    serve({ fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) => resolve(port));
  });
}

/** The pages of node-server.ts as a user of Hono would write them. */
export function listener(type, bytes) {
  const hono = new Hono()
    .get("/text", (context) => context.body("Hello, world\n", 200, { "Content-Type": type }))
    .get("/bytes", (context) => context.body(bytes, 200, { "Content-Type": type }))
    .post("/echo", async (context) =>
      context.body(await context.req.arrayBuffer(), 200, { "Content-Type": type }),
    );
  return getRequestListener(hono.fetch);
}
