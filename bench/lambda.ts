// The Lambda adapter in process: bare (written by hand), dram and comparable adapters, each with the
// same small application.

import { existsSync } from "node:fs";
import { type Application, json, text } from "dram";
import { type LambdaContext, toLambda } from "dram/lambda";
import { type Candidate, compare } from "./compare.ts";

/** A handler of any library; the one answer is checked before it is timed. */
type Handler = (event: never, context: LambdaContext) => unknown;

interface Result {
  readonly statusCode: number;
  readonly body: string;
  readonly isBase64Encoded?: boolean;
}

/** What each file peers/lambda-*.mjs exports. */
interface Peer {
  create(bytes: Uint8Array): Handler;
}

const BYTES = Uint8Array.from({ length: 100_000 }, (_, index) => (index * 7) & 0xff);
const ITEMS = JSON.stringify({
  items: Array.from({ length: 40 }, (_, id) => ({ id, name: `item number ${id}`, price: id * 3 })),
});
const CONTEXT: LambdaContext = { awsRequestId: "request", getRemainingTimeInMillis: () => 30_000 };

const HEADERS: Readonly<Record<string, string>> = {
  accept: "text/html,application/xhtml+xml",
  "accept-encoding": "gzip, deflate, br",
  "accept-language": "en",
  "cache-control": "no-cache",
  host: "abc123.execute-api.eu-central-1.amazonaws.com",
  referer: "https://abc123.execute-api.eu-central-1.amazonaws.com/",
  "upgrade-insecure-requests": "1",
  "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)",
  "x-amzn-trace-id": "Root=1-6a5145a9-1bae89e2512ec92d5d9438a0",
  "x-forwarded-for": "203.0.113.7",
  "x-forwarded-port": "443",
  "x-forwarded-proto": "https",
};
const MANY = Object.fromEntries(Object.entries(HEADERS).map(([name, value]) => [name, [value]]));

function v2(method: string, path: string, more: object = {}): object {
  const common = { accountId: "1", apiId: "abc123", domainPrefix: "abc123", stage: "$default" };
  const http = { method, path, protocol: "HTTP/1.1", sourceIp: "203.0.113.7", userAgent: "x" };
  const domainName = HEADERS.host;
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: "a=1",
    headers: HEADERS,
    queryStringParameters: { a: "1" },
    requestContext: { ...common, domainName, http, requestId: "r", routeKey: "$default" },
    isBase64Encoded: false,
    ...more,
  };
}

function v1(path: string): object {
  return {
    resource: "/{proxy+}",
    path,
    httpMethod: "GET",
    headers: HEADERS,
    multiValueHeaders: MANY,
    queryStringParameters: { a: "1" },
    multiValueQueryStringParameters: { a: ["1"] },
    pathParameters: { proxy: path.slice(1) },
    stageVariables: null,
    requestContext: {
      accountId: "1",
      apiId: "abc123",
      domainName: HEADERS.host,
      httpMethod: "GET",
      identity: { sourceIp: "203.0.113.7", userAgent: "x" },
      path: `/live${path}`,
      protocol: "HTTP/1.1",
      requestId: "r",
      resourcePath: "/{proxy+}",
      stage: "live",
    },
    body: null,
    isBase64Encoded: false,
  };
}

function alb(path: string): object {
  return {
    requestContext: { elb: { targetGroupArn: "arn:aws:elasticloadbalancing:x:1:targetgroup/t/1" } },
    httpMethod: "GET",
    path,
    multiValueQueryStringParameters: { a: ["1"] },
    multiValueHeaders: MANY,
    body: "",
    isBase64Encoded: false,
  };
}

const EVENTS: Readonly<Record<string, object>> = {
  "v2 hello": v2("GET", "/hello"),
  "v1 hello": v1("/hello"),
  "ALB hello": alb("/hello"),
  "v2 8 cookies": v2("GET", "/cookies", {
    cookies: Array.from({ length: 8 }, (_, index) => `name${index}=value${index}`),
  }),
  "v2 POST 2 kB JSON": v2("POST", "/json", {
    body: ITEMS,
    headers: {
      ...HEADERS,
      "content-type": "application/json",
      "content-length": String(ITEMS.length),
    },
  }),
  "v2 100 kB binary": v2("GET", "/bytes"),
};

const PLAIN: [string, string] = ["Content-Type", "text/plain; charset=utf-8"];

const application: Application = (environ, startResponse) => {
  switch (environ.PATH_INFO) {
    case "/cookies":
      startResponse("200 OK", [PLAIN]);
      return text(String(environ.HTTP_COOKIE?.split("; ").length));
    case "/bytes":
      startResponse("200 OK", [["Content-Type", "application/octet-stream"]]);
      return [BYTES];
    case "/json":
      return environ["wsgi.input"].read().then((body) => {
        const { items }: { items: unknown[] } = JSON.parse(Buffer.from(body).toString());
        startResponse("200 OK", [["Content-Type", "application/json"]]);
        return json({ items: items.length });
      });
    default:
      startResponse("200 OK", [PLAIN]);
      return text("Hello, world\n");
  }
};

/** What a handler written for one kind of event would be. */
interface BareEvent {
  readonly path?: string;
  readonly rawPath?: string;
  readonly cookies?: readonly string[];
  readonly body?: string;
  readonly multiValueHeaders?: object;
}

async function bare(event: BareEvent): Promise<object> {
  const plain = { "content-type": "text/plain; charset=utf-8" };
  switch (event.rawPath ?? event.path) {
    case "/cookies":
      return result(event, plain, String(event.cookies?.join("; ").split("; ").length));
    case "/bytes":
      return {
        statusCode: 200,
        headers: { "content-type": "application/octet-stream" },
        body: Buffer.from(BYTES.buffer).toString("base64"),
        isBase64Encoded: true,
      };
    case "/json": {
      const { items }: { items: unknown[] } = JSON.parse(event.body ?? "");
      const headers = { "content-type": "application/json" };
      return result(event, headers, JSON.stringify({ items: items.length }));
    }
    default:
      return result(event, plain, "Hello, world\n");
  }
}

function result(event: BareEvent, headers: Record<string, string>, body: string): object {
  return event.multiValueHeaders === undefined
    ? { statusCode: 200, headers, body, isBase64Encoded: false }
    : {
        statusCode: 200,
        multiValueHeaders: { "content-type": [headers["content-type"]] },
        body,
        isBase64Encoded: false,
      };
}

const handlers: Record<string, Handler> = { bare, dram: toLambda(application) };
for (const name of ["serverless-http", "hono", "serverless-express", "srvx"]) {
  const file = new URL(`./peers/lambda-${name}.mjs`, import.meta.url);
  if (existsSync(new URL("./peers/node_modules", import.meta.url))) {
    const peer: Peer = await import(file.href);
    handlers[name] = peer.create(BYTES);
  }
}

for (const [title, event] of Object.entries(EVENTS)) {
  const candidates: Record<string, Candidate> = {};
  const wanted = await answer(bare, event);
  for (const [name, handler] of Object.entries(handlers)) {
    const found = await answer(handler, event).catch(String);
    if (found === wanted) {
      candidates[name] = async () => String((await invoke(handler, event)).statusCode);
    } else {
      console.log(`${title}: ${name} answers WRONG: ${found.slice(0, 80)}`);
    }
  }
  await compare(`Lambda in process: ${title}`, candidates);
}

const eventText = JSON.stringify(EVENTS["v2 hello"]);
await compare(
  "Lambda in process, JSON text in and out: v2 hello",
  Object.fromEntries(
    Object.entries(handlers).map(([name, handler]): [string, Candidate] => [
      name,
      async () => {
        const given = await invoke(handler, JSON.parse(eventText));
        return String(JSON.stringify(given).length > 0);
      },
    ]),
  ),
);

async function invoke(handler: Handler, event: object): Promise<Result> {
  return (await handler(event as never, CONTEXT)) as Result;
}

/** Status and body, decoded. */
async function answer(handler: Handler, event: object): Promise<string> {
  const { statusCode, body, isBase64Encoded } = await invoke(handler, event);
  return `${statusCode} ${isBase64Encoded ? Buffer.from(body, "base64").toString("latin1") : body}`;
}
