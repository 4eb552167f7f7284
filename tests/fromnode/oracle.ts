// The same listener on Node's own server and through fromNode, seen from the client and from inside.

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { HeaderList } from "dram";
import type { Reply, Request } from "dram/conformance";
import { http1Transport } from "dram/conformance/transport";
import { fromNode } from "dram/from/node";
import { serve } from "dram/node";
import { until } from "../targets/target.ts";

/** What a listener leaves word of, in order. */
type Note = (what: unknown) => void;

export interface Scenario {
  listener(request: IncomingMessage, response: ServerResponse, note: Note): unknown;
  /** Default: GET /. */
  readonly request?: Partial<Request>;
  /** The order of the events says nothing. */
  readonly unordered?: boolean;
  /** Takes what has come, perhaps not all; default: everything. */
  client?(reply: Reply): Promise<string>;
}

/** What became of one scenario. */
export interface Seen {
  readonly status: number;
  readonly reason: string;
  /** Sorted, names in lower case, without those of the connection and of the moment. */
  readonly headers: HeaderList;
  readonly interim: readonly unknown[];
  /** What came of the body; with `<broken>` at its end, if it broke off. */
  readonly body: string;
  readonly trailers: HeaderList;
  /** Notes and events of both messages. */
  readonly events: readonly string[];
}

/** On `node:http`. */
export async function onNode(scenario: Scenario): Promise<Seen> {
  const events: string[] = [];
  const server = createServer(watched(scenario, events));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  try {
    return await play(scenario, `http://127.0.0.1:${port}`, events);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** As an application on dram/node. */
export async function throughDram(scenario: Scenario): Promise<Seen> {
  const events: string[] = [];
  const errors = { write() {}, writelines() {}, flush() {} };
  const options = { port: 0, signals: false, graceTime: 100, errors };
  const server = await serve(fromNode(watched(scenario, events)), options);
  try {
    return await play(scenario, server.url, events);
  } finally {
    await server.close();
  }
}

type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

function watched({ listener }: Scenario, events: string[]): Listener {
  return (request, response) => {
    const note: Note = (what) =>
      events.push(typeof what === "string" ? what : JSON.stringify(what));
    for (const event of ["aborted", "close"]) {
      request.on(event, () => note(`request ${event}`));
    }
    for (const event of ["finish", "drain", "close"]) {
      response.on(event, () => note(`response ${event}`));
    }
    return listener(request, response, note);
  };
}

async function play(scenario: Scenario, origin: string, events: string[]): Promise<Seen> {
  const reply = await http1Transport(origin).send({ path: "/", ...scenario.request });
  const body = await (scenario.client ?? everything)(reply);
  await until(() => ["request close", "response close"].every((event) => events.includes(event)));
  return {
    status: reply.status,
    reason: reply.reason,
    headers: reply.headers.filter(([name]) => !OF_THE_CONNECTION.has(name)).toSorted(byName),
    interim: reply.interim,
    body,
    trailers: reply.trailers,
    events: scenario.unordered ? events.toSorted() : events,
  };
}

const OF_THE_CONNECTION = new Set(["connection", "keep-alive", "date", "trailer"]);

function byName([one]: readonly string[], [other]: readonly string[]): number {
  return String(one) < String(other) ? -1 : Number(one !== other);
}

/** The body to its end, as latin-1. */
async function everything(reply: Reply): Promise<string> {
  let body = "";
  try {
    for await (const chunk of reply.chunks) {
      body += Buffer.from(chunk).toString("latin1");
    }
  } catch {
    body += "<broken>";
  }
  return body;
}

/** What has come when it is this much; then the client leaves. */
export function leavingAfter(length: number): (reply: Reply) => Promise<string> {
  return async (reply) => {
    let body = "";
    for await (const chunk of reply.chunks) {
      body += Buffer.from(chunk).toString("latin1");
      if (body.length >= length) {
        reply.leave();
        break;
      }
    }
    return body;
  };
}
