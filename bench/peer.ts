// Serves the application of the conformance suite on a comparable server, and prints its origin.

import { application } from "dram/conformance";
import { toFetch } from "dram/fetch";

/** What each file of peers/ exports. */
interface Peer {
  /** Serves a Fetch handler on a loopback port of its choice, to which it resolves. */
  listen(handler: (request: Request) => Response | Promise<Response>): Promise<number>;
}

const { listen }: Peer = await import(`./peers/${process.argv[2]}.mjs`);
console.log(`http://127.0.0.1:${await listen(toFetch(application))}`);
