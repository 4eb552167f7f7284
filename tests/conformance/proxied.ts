// What a Node server behind a proxy is to serve.

import { type Application, trustedHops } from "dram";
import { application as cases, websocket } from "dram/conformance";

/** A key of environ that the proxy cannot do. */
const without = new URL(import.meta.url).searchParams.get("without");

export { websocket };

export const application: Application = trustedHops(1, { port: true })((environ, startResponse) => {
  if (without !== null) {
    delete environ[without];
  }
  return cases(environ, startResponse);
});
