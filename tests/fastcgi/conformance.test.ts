import { conform } from "dram/conformance";
import { afterAll, beforeAll, describe } from "vitest";
import { NATIVE } from "../conformance/target.ts";
import { testOn } from "../known-failures.ts";
import { bootFastcgi, type FastcgiTarget } from "../targets/fastcgi.ts";
import { sendFastcgi } from "../targets/fastcgi-client.ts";

// The suite without a web server between, which would mend or spoil what dram does.
describe.each(["", "/mnt"])("fastcgi at %j", (mount) => {
  let target: FastcgiTarget;

  beforeAll(async () => {
    const module = new URL("../conformance/node.ts", import.meta.url);
    target = await bootFastcgi(module, { port: 0, scriptName: mount });
  });

  afterAll(() => target?.close());

  conform(
    {
      name: "fastcgi",
      runtime: "Node.js/24",
      software: "(fastcgi)",
      origin: "http://localhost:8000",
      mount,
      lacks: {
        wire: "the client speaks FastCGI",
        trailers: "CGI has none",
        earlyHints: "CGI has none",
        continue: "the web server answers it",
        websocket: "FastCGI carries a request and its response, not a connection",
        nativeRequest: NATIVE,
      },
      get log() {
        return target.log;
      },
      send: (request) => sendFastcgi(target.place, request, target.log),
    },
    testOn("fastcgi"),
  );
});
