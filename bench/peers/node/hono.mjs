import { serve } from "@hono/node-server";
import { app } from "../applications/hono.mjs";

/** Serves a Fetch handler; resolves to the port. */
export function listen(fetch = app.fetch) {
  return new Promise((resolve) => {
    const serverOptions = { optimizeEmptyRequests: true };
    serve({ fetch, hostname: "127.0.0.1", port: 0, serverOptions }, ({ port }) => resolve(port));
  });
}
