// An application for a process of Deno's: `/signal` tells of its signals, all else of its environ.

import { type Application, type Environ, json, text } from "dram";

let last: AbortSignal | undefined;
let native: AbortSignal | undefined;

const cases: Record<string, Application> = {
  "/whole"(environ, startResponse) {
    keep(environ);
    startResponse("200 OK", []);
    return text("whole");
  },

  async "/later"(environ, startResponse) {
    keep(environ);
    await null;
    startResponse("200 OK", []);
    return text("later");
  },

  /** Its length is known: Deno is done with it before its generator is. */
  "/sized"(environ, startResponse) {
    keep(environ);
    startResponse("200 OK", [["Content-Length", "5"]]);
    return (async function* () {
      yield new TextEncoder().encode("sized");
      await new Promise(() => {});
    })();
  },

  "/streamed"(environ, startResponse) {
    keep(environ);
    startResponse("200 OK", []);
    return (async function* () {
      yield new TextEncoder().encode("streamed");
    })();
  },

  "/signals"(_environ, startResponse) {
    startResponse("200 OK", [["Content-Type", "application/json"]]);
    return json({ signal: last?.aborted, native: native?.aborted });
  },
};

export const application: Application = (environ, startResponse) => {
  const found = cases[environ.PATH_INFO];
  if (found !== undefined) {
    return found(environ, startResponse);
  }
  startResponse("200 OK", [["Content-Type", "application/json"]]);
  return json({
    ...Object.fromEntries(Object.entries(environ).filter(([, value]) => typeof value === "string")),
    hasInfo: typeof environ["deno.info"] === "object",
    hasRequest: environ["fetch.request"] instanceof Request,
  });
};

function keep(environ: Environ): void {
  last = environ["dram.signal"];
  const request = environ["fetch.request"];
  native = request instanceof Request ? request.signal : undefined;
}
