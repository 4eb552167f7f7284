// Serves the application of the conformance suite on a comparable server, or on dram/node, and prints
// the origin.

import { application } from "dram/conformance";
import { toFetch } from "dram/fetch";
import { serve } from "dram/node";

/** What these files of peers/node/ export. */
interface Peer {
  /** Serves a Fetch handler on a loopback port of its choice, to which it resolves. */
  listen(handler: (request: Request) => Response | Promise<Response>): Promise<number>;
}

const name = process.argv[2] ?? "";
if (name === "dram") {
  console.log((await serve(application, { port: 0 })).url);
} else {
  const { listen }: Peer = await import(`../peers/node/${name}.mjs`);
  console.log(`http://127.0.0.1:${await listen(toFetch(application))}`);
}
