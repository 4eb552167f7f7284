import { fetch } from "./fetch.mjs";

/** The pages of run/servers.ts as a handler of Hattip: a context in, a Response out. */
export function handler({ request }) {
  return fetch(request);
}
