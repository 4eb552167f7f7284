import type { Application, ErrorStream } from "dram";
import { application, conform, type Target } from "dram/conformance";
import { fetchTransport } from "dram/conformance/transport";
import { toFetch } from "dram/fetch";
import { fromFetch } from "dram/from/fetch";
import { describe, test } from "vitest";

const ORIGIN = "http://localhost:8787";

/** Changes what stands for a request of the platform's own, so that everything has to be converted. */
function changing(inner: Application): Application {
  return (environ, startResponse) =>
    inner({ ...environ, HTTP_X_CHANGED: "1" }, (status, headers, error) =>
      startResponse(status, [...headers, ["X-Changed", "1"]], error),
    );
}

const LACKS: Target["lacks"] = {
  wire: "in process, there is no socket",
  reason: "a Fetch handler is not asked for one",
  trailers: "a Response has none",
  earlyHints: "a Response has none",
  rawTarget: "a Request normalises its URL",
  dotSegments: "a Request normalises its URL",
  getBody: "a Request to GET has no body",
  websocket: "not before the bridges to ASGI",
  framing: "in process, there is no server to frame a body",
};

describe.each([
  ["handed through", (inner: Application): Application => inner],
  ["converted", changing],
])("an application as a handler as an application, %s", (_how, between) => {
  const log: string[] = [];
  const errors: ErrorStream = {
    write: (line) => log.push(line.trimEnd()),
    writelines() {},
    flush() {},
  };
  describe.each(["", "/mnt"])("at %j", (mount) => {
    const inner = toFetch(application, { scriptName: mount, errors });
    const outer = toFetch(between(fromFetch(inner)), { scriptName: mount, errors });
    conform(
      {
        name: "round trip",
        runtime: "Node.js/24",
        software: "(fetch)",
        origin: ORIGIN,
        mount,
        lacks: LACKS,
        log,
        ...fetchTransport(outer, ORIGIN),
      },
      test,
    );
  });
});
