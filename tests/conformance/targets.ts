import { fromAsgi, toAsgi } from "dram/asgi";
import { application } from "dram/conformance";
import { fetchTransport, http1Transport, http2Transport } from "dram/conformance/transport";
import { toFetch } from "dram/fetch";
import { bootDeno } from "../targets/deno.ts";
import { makeLog } from "../targets/log.ts";
import { bootNode } from "../targets/node.ts";
import { bootWorkerd } from "../targets/workerd.ts";
import { lambdaTargets } from "./lambdatargets.ts";
import { serverTargets } from "./servertargets.ts";
import { type Bootable, NATIVE, type Running } from "./target.ts";

const EXTENDED_CONNECT =
  "they are over HTTP/1.1 of the same port, not by extended CONNECT (RFC 8441)";

const WORKERD_LACKS = {
  trailers: "a Response has none",
  earlyHints: "a Response has none",
  latin1Headers: "workerd decodes and encodes header values as UTF-8",
  rawTarget: "workerd removes dot segments",
  dotSegments: "workerd removes them",
  cookieCrumbs: "workerd joins Cookie fields as it does any other",
  continue: "workerd never sends 100",
  bodyBreak: "workerd 2026-07-30 ends a chunked body that breaks as if it were whole",
};

const DENO_LACKS = {
  reason: "Deno sends its own phrase",
  trailers: "a Response has none",
  earlyHints: "a Response has none",
  getBody: "a Request to GET has no body",
  nativeRequest: "its signal does not abort when the server stops, so it cannot stand for environ",
};

const FETCH_LACKS: Bootable["lacks"] = {
  wire: "in process, there is no socket",
  reason: "Fetch servers do not send statusText",
  trailers: "a Response has none",
  earlyHints: "a Response has none",
  rawTarget: "a Request normalises its URL",
  dotSegments: "a Request normalises its URL",
  getBody: "a Request to GET has no body",
  websocket: "a handler of Fetch requests has nothing to upgrade a connection with",
  framing: "in process, there is no server to frame a body",
};

export const targets: readonly Bootable[] = [
  {
    name: "fetch",
    platform: "Fetch API runtimes",
    adapter: "`toFetch` of `dram/fetch`",
    proof: "Node 24, in process",
    runtime: "Node.js/24",
    software: "(fetch)",
    lacks: FETCH_LACKS,
    async boot(mount) {
      const { errors, log } = makeLog();
      const origin = "http://localhost:8787";
      const handler = toFetch(application, { scriptName: mount, errors });
      return { ...fetchTransport(handler, origin), origin, log, async close() {} };
    },
  },
  {
    name: "workerd",
    platform: "Cloudflare Workers",
    adapter: "`toWorker` of `dram/workers`",
    proof: "workerd 2026-07-30",
    runtime: "Cloudflare-Workers",
    software: "(workers)",
    lacks: WORKERD_LACKS,
    boot: (mount) => bootWorker({ MOUNT: mount }),
  },
  {
    name: "workerd object",
    platform: "Cloudflare Durable Objects",
    adapter: "`toDurableObject` of `dram/workers`",
    proof: "workerd 2026-07-30",
    runtime: "Cloudflare-Workers",
    software: "(workers)",
    lacks: WORKERD_LACKS,
    boot: (mount) => bootWorker({ MOUNT: mount, IN: "object" }),
  },
  {
    name: "deno",
    platform: "Deno",
    adapter: "`toDeno`, `serve` of `dram/deno`",
    proof: "Deno 2.9.5, HTTP/1.1",
    runtime: "Deno/2",
    software: "(deno)",
    lacks: DENO_LACKS,
    boot: (mount) => bootDenoServer("http", mount),
  },
  {
    name: "deno https",
    platform: "Deno",
    adapter: "`serve` with `tls`",
    proof: "Deno 2.9.5, HTTP/1.1 over TLS",
    runtime: "Deno/2",
    software: "(deno)",
    lacks: DENO_LACKS,
    boot: (mount) => bootDenoServer("https", mount),
  },
  {
    name: "deno h2",
    platform: "Deno",
    adapter: "`serve` with `tls`",
    proof: "Deno 2.9.5, HTTP/2 over TLS",
    runtime: "Deno/2",
    software: "(deno)",
    protocol: "HTTP/2",
    lacks: { ...DENO_LACKS, wire: "HTTP/2 is framed", websocket: EXTENDED_CONNECT },
    boot: (mount) => bootDenoServer("h2", mount),
  },
  {
    name: "node",
    platform: "Node",
    adapter: "`toNode`, `serve` of `dram/node`",
    proof: "Node 24, HTTP/1.1",
    runtime: "Node.js/24",
    software: "(node)",
    lacks: { nativeRequest: NATIVE },
    boot: (mount) => bootServer("http", mount),
  },
  {
    name: "node https",
    platform: "Node",
    adapter: "`serve` with `tls`",
    proof: "Node 24, HTTP/1.1 over TLS",
    programs: ["openssl"],
    runtime: "Node.js/24",
    software: "(node)",
    lacks: { nativeRequest: NATIVE },
    boot: (mount) => bootServer("https", mount),
  },
  {
    name: "node h2",
    platform: "Node",
    adapter: "`serve` with `tls` and `http2`",
    proof: "Node 24, HTTP/2 over TLS",
    programs: ["openssl"],
    runtime: "Node.js/24",
    software: "(node)",
    protocol: "HTTP/2",
    lacks: {
      wire: "HTTP/2 is framed",
      reason: "HTTP/2 has no reason phrase",
      websocket: EXTENDED_CONNECT,
      nativeRequest: NATIVE,
    },
    boot: (mount) => bootServer("h2", mount),
  },
  ...serverTargets,
  {
    name: "asgi",
    platform: "ASGI 3 and back, on Fetch",
    adapter: "`toFetch`, `fromAsgi`, `toAsgi` of `dram/asgi`",
    proof: "Node 24, in process",
    runtime: "Node.js/24",
    software: "(asgi)",
    lacks: { ...FETCH_LACKS, nativeRequest: "a scope has no place for a Request" },
    async boot(mount) {
      const { errors, log } = makeLog();
      const origin = "http://localhost:8787";
      const handler = toFetch(fromAsgi(toAsgi(application, { errors })), {
        scriptName: mount,
        errors,
      });
      return { ...fetchTransport(handler, origin), origin, log, async close() {} };
    },
  },
  {
    name: "asgi on node",
    platform: "ASGI 3 and back, on Node",
    adapter: "`serve`, `fromAsgi`, `toAsgi` of `dram/asgi`",
    proof: "Node 24, HTTP/1.1",
    runtime: "Node.js/24",
    software: "(asgi)",
    lacks: { nativeRequest: NATIVE },
    boot: (mount) => bootServer("http", mount, "./asgi.ts"),
  },
  ...lambdaTargets,
];

/** The worker of this folder; under `IN: "object"` a Durable Object answers all requests. */
async function bootWorker(bindings: Record<string, string>): Promise<Running> {
  const worker = await bootWorkerd(
    { bindings, durableObjects: { SUITE: "Suite", MOUNTED: "Mounted" } },
    "../conformance/worker.ts",
  );
  const origin = `http://localhost:${worker.port}`;
  const transport = http1Transport(`http://127.0.0.1:${worker.port}`, {
    host: `localhost:${worker.port}`,
  });
  return { ...transport, origin, log: worker.log, close: () => worker.close() };
}

/** `serve` of dram/deno, in a process of Deno's. */
async function bootDenoServer(protocol: "http" | "https" | "h2", mount: string): Promise<Running> {
  const server = await bootDeno(
    {
      module: new URL("./node.ts", import.meta.url).href,
      options: { scriptName: mount },
    },
    protocol === "http" ? "http" : "https",
  );
  return { ...transportOf(protocol, server), log: server.log, close: () => server.close() };
}

/** `serve` of dram/node, in a process of its own. */
async function bootServer(
  protocol: "http" | "https" | "h2",
  mount: string,
  module = "./node.ts",
): Promise<Running> {
  const server = await bootNode({
    module: new URL(module, import.meta.url).href,
    protocol,
    options: { scriptName: mount },
  });
  return { ...transportOf(protocol, server), log: server.log, close: () => server.close() };
}

function transportOf(
  protocol: "http" | "https" | "h2",
  { url: origin, ca }: { readonly url: string; readonly ca: string | undefined },
): Pick<Running, "send" | "connect" | "origin"> {
  const options = ca === undefined ? {} : { ca };
  const transport =
    protocol === "h2" ? http2Transport(origin, options) : http1Transport(origin, options);
  return { ...transport, origin };
}
