import { FastResponse, serve } from "srvx/node";
import { pages } from "../applications/fetch.mjs";

const application = pages(FastResponse);

/** Serves a Fetch handler; resolves to the port. */
export async function listen(fetch = application) {
  const node = { optimizeEmptyRequests: true };
  const server = serve({ fetch, hostname: "127.0.0.1", port: 0, silent: true, node });
  await server.ready();
  return Number(new URL(server.url).port);
}
