import { serve } from "@hono/node-server";

/** Serves a Fetch handler; resolves to the port. */
export function listen(fetch) {
  return new Promise((resolve) => {
    serve({ fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) => resolve(port));
  });
}
