import { serve } from "srvx/node";
import { fetch as application } from "../applications/fetch.mjs";

/** Serves a Fetch handler; resolves to the port. */
export async function listen(fetch = application) {
  const server = serve({ fetch, hostname: "127.0.0.1", port: 0, silent: true });
  await server.ready();
  return Number(new URL(server.url).port);
}
