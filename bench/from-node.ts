import { existsSync } from "node:fs";
import type { RequestListener } from "node:http";
import { fromNode } from "dram/from/node";
import { type LambdaContext, toLambda } from "dram/lambda";
import { type Candidate, compare } from "./compare.ts";
import { compareServers } from "./servers.ts";

// What the way through an application costs over Node's own server.
await compareServers(["bare", "fromNode"]);
await compareServers(["express", "fromNode express"]);

/** What the files of peers/ for these libraries export. */
interface Peer {
  create(bytes: Uint8Array): Handler;
  listener(bytes: Uint8Array): RequestListener;
}

type Handler = (event: object, context: LambdaContext) => unknown;

const BYTES = Uint8Array.from({ length: 100_000 }, (_, index) => (index * 7) & 0xff);
const ITEMS = JSON.stringify({
  items: Array.from({ length: 40 }, (_, id) => ({ id, price: id * 3 })),
});
const CONTEXT: LambdaContext = { awsRequestId: "request", getRemainingTimeInMillis: () => 30_000 };
const HEADERS = {
  accept: "text/html,application/xhtml+xml",
  "accept-encoding": "gzip, deflate, br",
  host: "abc123.execute-api.eu-central-1.amazonaws.com",
  "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)",
  "x-amzn-trace-id": "Root=1-6a5145a9-1bae89e2512ec92d5d9438a0",
  "x-forwarded-for": "203.0.113.7",
  "x-forwarded-port": "443",
  "x-forwarded-proto": "https",
};

const events: Readonly<Record<string, object>> = {
  hello: v2("GET", "/hello"),
  "2 kB of JSON posted": v2("POST", "/json", {
    body: ITEMS,
    headers: {
      ...HEADERS,
      "content-type": "application/json",
      "content-length": String(ITEMS.length),
    },
  }),
  "100 kB of bytes": v2("GET", "/bytes"),
};

if (existsSync(new URL("./peers/node_modules", import.meta.url))) {
  const [http, express] = await Promise.all([peer("serverless-http"), peer("serverless-express")]);
  const plain = { dram: bridged(http), "serverless-http": http.create(BYTES) };
  const app = { dram: bridged(express), "serverless-express": express.create(BYTES) };
  for (const [title, event] of Object.entries(events)) {
    await compare(`Lambda in process, a plain listener: ${title}`, candidates(plain, event));
    await compare(`Lambda in process, Express: ${title}`, candidates(app, event));
  }
}

async function peer(name: string): Promise<Peer> {
  return import(new URL(`./peers/lambda-${name}.mjs`, import.meta.url).href);
}

function bridged(library: Peer): Handler {
  const handler = toLambda(fromNode(library.listener(BYTES)));
  return (event, context) => handler(event, context);
}

function candidates(
  handlers: Readonly<Record<string, Handler>>,
  event: object,
): Record<string, Candidate> {
  return Object.fromEntries(
    Object.entries(handlers).map(([name, handler]) => [name, () => answer(handler, event)]),
  );
}

/**
 * Status and length: the length of the bytes tells base64 from text. Each in a turn of its own, as
 * invocations are: what is left for the next tick would pile up otherwise.
 */
async function answer(handler: Handler, event: object): Promise<string> {
  await new Promise(setImmediate);
  const { statusCode, body } = (await handler(event, CONTEXT)) as {
    statusCode: number;
    body: string;
  };
  return `${statusCode} ${body.length}`;
}

function v2(method: string, path: string, more: object = {}): object {
  return {
    ...{ version: "2.0", routeKey: "$default", rawPath: path, rawQueryString: "a=1" },
    ...{ headers: HEADERS, queryStringParameters: { a: "1" }, isBase64Encoded: false },
    requestContext: {
      ...{ accountId: "1", apiId: "abc123", domainName: HEADERS.host, domainPrefix: "abc123" },
      ...{ requestId: "r", routeKey: "$default", stage: "$default" },
      http: { method, path, protocol: "HTTP/1.1", sourceIp: "203.0.113.7", userAgent: "x" },
    },
    ...more,
  };
}
