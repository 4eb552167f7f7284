import type { ErrorStream } from "dram";
import { trustedHops } from "dram";
import { toFetch } from "dram/fetch";
import { bootDeno } from "../targets/deno.ts";
import { bootNode } from "../targets/node.ts";
import { bootWorkerd } from "../targets/workerd.ts";
import type { Answer } from "./answer.ts";
import { application } from "./application.ts";
import { cgiTarget } from "./cgitarget.ts";
import type { Header, Input } from "./corpus.ts";
import { deliver, type Manner } from "./deliver.ts";
import { fastcgiTarget } from "./fastcgi.ts";
import { lambdaTargets } from "./lambda.ts";

/** How the deployer has set the gateway up. */
interface Setup extends NonNullable<Input["config"]> {
  /** The address of the client, where the platform does not tell it. */
  readonly remote?: string;
}

export interface HostileTarget {
  readonly name: string;
  /** What of a corpus runs here. */
  readonly platforms: readonly string[];
  boot(setup?: Setup): Promise<Running>;
}

export interface Running {
  readonly log: readonly string[];
  send(request: { method?: string; path: string; headers?: readonly Header[] }): Promise<Answer>;
  /** Bytes to a socket. */
  deliver?(
    raw: string,
    manner: Manner,
    seed: string,
    options: { halfClose?: boolean },
  ): Promise<Answer>;
  /** A Fetch request. */
  fetch?(request: Request): Promise<Answer>;
  /** A native event. */
  invoke?(event: unknown): Promise<Answer>;
  close(): Promise<void>;
}

export const hostileTargets: readonly HostileTarget[] = [
  {
    name: "fetch",
    platforms: ["any", "fetch", "proxy-fix", "debug"],
    async boot({ trustedHops: hops = 0, debug = false, remote } = {}) {
      const log: string[] = [];
      const errors: ErrorStream = {
        write: (line) => log.push(line.replace(/\n$/, "")),
        writelines() {},
        flush() {},
      };
      const environ = remote === undefined ? {} : { REMOTE_ADDR: remote };
      const handler = toFetch(trustedHops(hops)(application), { debug, errors, environ });
      const fetch = async (request: Request): Promise<Answer> => toAnswer(await handler(request));
      return {
        log,
        fetch,
        send: ({ path, method = "GET", headers = [] }) =>
          fetch(new Request(`http://localhost:8787${path}`, { method, headers: [...headers] })),
        async close() {},
      };
    },
  },
  {
    name: "workerd",
    platforms: ["any", "http-raw"],
    async boot() {
      const { port, log, close } = await bootWorkerd({}, "../hostile/worker.ts");
      return { ...overSocket(port), log, close };
    },
  },
  {
    name: "node",
    platforms: ["any", "http-raw", "proxy-fix", "debug"],
    async boot(setup) {
      const { port, log, close } = await bootNode(served(setup));
      return { ...overSocket(port), log, close };
    },
  },
  {
    name: "deno",
    platforms: ["any", "http-raw", "proxy-fix", "debug"],
    async boot(setup) {
      const { port, log, close } = await bootDeno(served(setup));
      return { ...overSocket(port), log, close };
    },
  },
  ...lambdaTargets,
  cgiTarget,
  fastcgiTarget,
];

/** What a server of its own is to serve. */
function served({ trustedHops: hops = 0, debug = false, remote }: Setup = {}) {
  const module = new URL("./server.ts", import.meta.url);
  module.searchParams.set("hops", String(hops));
  const environ = remote === undefined ? {} : { REMOTE_ADDR: remote };
  return { module: module.href, options: { debug, environ } };
}

const HOST: Header = ["Host", "localhost"];

/** A gateway on a local port. */
function overSocket(port: number): Required<Pick<Running, "send" | "deliver">> {
  return {
    send({ method = "GET", path, headers = [] }) {
      const named = headers.some(([name]) => name === "Host") ? [] : [HOST];
      const fields: readonly Header[] = [...named, ...headers, ["Connection", "close"]];
      const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
      return deliver(port, `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
    },
    deliver: (raw, manner, seed, options) => deliver(port, raw, manner, seed, options),
  };
}

async function toAnswer(response: Response): Promise<Answer> {
  const chunks: Uint8Array[] = [];
  let complete = true;
  try {
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk);
    }
  } catch {
    complete = false;
  }
  const headers = [...response.headers];
  return { status: response.status, headers, body: Buffer.concat(chunks), complete };
}
