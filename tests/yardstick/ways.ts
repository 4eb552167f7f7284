import type { Application } from "dram";
import { toFetch } from "dram/fetch";
import { toLambda } from "dram/lambda";
import type { Gateway } from "../../scripts/lambda/gateway.ts";
import { gateways } from "../../scripts/lambda/gateways.ts";
import { Log } from "../core/helpers.ts";
import { context } from "../lambda/helpers.ts";
import { bootNode } from "../targets/node.ts";
import { bytesOf, type TestResponse } from "../targets/target.ts";
import { bootWorkerd, send } from "../targets/workerd.ts";
import { app, application, changed } from "./hono.ts";
import type { YardstickRequest } from "./requests.ts";

/** What a client has got. */
export interface Answer {
  readonly status: number;
  /** Sorted, names in lower case, without what a server adds to every answer. */
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** A way from a request to Hono and back. */
export interface Way {
  readonly name: string;
  boot(): Promise<{ ask(request: YardstickRequest): Promise<Answer>; close(): Promise<void> }>;
}

type Handler = (request: Request) => Response | Promise<Response>;

/** Hono itself, which all others are measured by. */
export const hono: Way = inProcess("hono", (request) => app.fetch(request));

/** Hono on workerd, without dram. */
export const honoOnWorkerd: Way = onWorkerd("hono on workerd", "yardstick/worker-hono.ts");

export const ways: readonly Way[] = [
  inProcess("fetch, handed through", toFetch(application, { errors: new Log() })),
  inProcess("fetch, changed", toFetch(changed, { errors: new Log() })),
  onNode("node", "./hono.ts"),
  onLambda("lambda v2", gateways.http, application),
  onLambda("lambda v1", gateways.rest, application),
  onLambda("lambda alb", gateways["alb-multi"], application),
];

export const workerdWays: readonly Way[] = [
  onWorkerd("workerd, handed through", "yardstick/worker.ts"),
  onWorkerd("workerd, changed", "yardstick/worker-changed.ts"),
];

function inProcess(name: string, handle: Handler): Way {
  return {
    name,
    async boot() {
      return {
        async ask({ method = "GET", path, headers = [], body }) {
          const response = await handle(
            new Request(`http://localhost${path}`, {
              method,
              headers: [...withLength(headers, body)].map(([key, value]) => [key, value]),
              ...(body === undefined ? {} : { body }),
            }),
          );
          return answerOf(response.status, [...response.headers], await response.arrayBuffer());
        },
        async close() {},
      };
    },
  };
}

function onNode(name: string, module: string): Way {
  return {
    name,
    async boot() {
      const server = await bootNode({ module: new URL(module, import.meta.url).href });
      return { ask: (request) => askServer(server.port, request), close: () => server.close() };
    },
  };
}

/** @param worker Its path, from the tests. */
function onWorkerd(name: string, worker: string): Way {
  return {
    name,
    async boot() {
      const server = await bootWorkerd({}, `../${worker}`);
      return { ask: (request) => askServer(server.port, request), close: () => server.close() };
    },
  };
}

function onLambda(name: string, gateway: Gateway | undefined, served: Application): Way {
  if (gateway === undefined) {
    throw new Error(`no gateway for ${name}`);
  }
  const handler = toLambda(served, { errors: new Log() });
  const site = { domain: gateway.domain, scheme: "https", port: "443" } as const;
  return {
    name,
    async boot() {
      return {
        async ask({ method = "GET", path, headers = [], body = "" }) {
          const [, before = "", query = ""] = /^([^?]*)\??(.*)$/.exec(path) ?? [];
          const request = {
            method,
            path: before,
            query,
            headers: [["Host", gateway.domain], ...withLength(headers, body || undefined)] as const,
            body: Buffer.from(body),
            address: "192.0.2.1",
            time: 0,
            id: "request",
          };
          const event = JSON.parse(JSON.stringify(gateway.toEvent(request, site)));
          const result = JSON.parse(JSON.stringify(await handler(event, context())));
          const response = gateway.toResponse(result, request);
          return answerOf(response.status, response.headers, response.body);
        },
        async close() {},
      };
    },
  };
}

async function askServer(port: number, request: YardstickRequest): Promise<Answer> {
  const { headers = [], body, ...rest } = request;
  const response: TestResponse = await send(port, {
    ...rest,
    headers: [...withLength(headers, body)],
    ...(body === undefined ? {} : { body: Buffer.from(body) }),
  });
  return answerOf(response.status, response.headers, await bytesOf(response));
}

function withLength(
  headers: YardstickRequest["headers"] & {},
  body: string | undefined,
): (readonly [string, string])[] {
  return body === undefined
    ? [...headers]
    : [...headers, ["Content-Length", String(Buffer.byteLength(body))]];
}

function answerOf(
  status: number,
  headers: readonly (readonly [string, string])[],
  body: ArrayBuffer | Buffer,
): Answer {
  return {
    status,
    headers: headers
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .filter(([name]) => !SERVER.has(name))
      .map(([name, value]) => `${name}: ${value}`)
      .toSorted(),
    body: Buffer.from(body as ArrayBuffer),
  };
}

/** A server's own, whatever the application says. */
const SERVER = new Set(["connection", "date", "keep-alive"]);
