import { createServer } from "@hattip/adapter-node";
import { fetch as application } from "../applications/fetch.mjs";

/** Serves a Fetch handler; resolves to the port. */
export function listen(fetch = application) {
  return new Promise((resolve) => {
    const server = createServer(({ request }) => fetch(request));
    server.listen(0, "127.0.0.1", () => resolve(server.address().port));
  });
}
