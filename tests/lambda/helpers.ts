import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Application, type Body, type Environ, type HeaderList, text } from "dram";
import { type LambdaContext, type LambdaOptions, toLambda } from "dram/lambda";
import { Log } from "../core/helpers.ts";

/** A JSON object of any shape, for events and results. */
export type Json = Record<string, unknown>;

export interface Call {
  environ: Environ | undefined;
  result: Json;
  /** Lines of the log. */
  lines: string[];
}

export function context(changes: Partial<LambdaContext> = {}): LambdaContext {
  return {
    awsRequestId: "request-1",
    functionName: "a-function",
    invokedFunctionArn: "arn:aws:lambda:eu-central-1:123456789012:function:a-function",
    memoryLimitInMB: "128",
    getRemainingTimeInMillis: () => 3000,
    ...changes,
  };
}

/** Invokes a handler with an event; by default of an application that answers "ok". */
export async function invoke(
  event: unknown,
  application: Application = ok,
  options: Omit<LambdaOptions, "errors"> = {},
): Promise<Call> {
  const log = new Log();
  let environ: Environ | undefined;
  const handler = toLambda(
    (given, startResponse) => {
      environ = given;
      return application(given, startResponse);
    },
    options.logger === undefined ? { ...options, errors: log } : options,
  );
  const result = (await handler(event, context())) as Json;
  return { environ, result, lines: log.writes };
}

/** The environ that an event makes; the application must have been called. */
export async function environOf(
  event: unknown,
  options: Omit<LambdaOptions, "errors"> = {},
): Promise<Environ> {
  const { environ, result } = await invoke(event, ok, options);
  if (environ === undefined) {
    throw new Error(`the application was not called: ${JSON.stringify(result)}`);
  }
  return environ;
}

/** The request body that an event carries, as latin-1. */
export async function inputOf(event: unknown): Promise<string> {
  let read = "";
  await invoke(event, async (environ, startResponse) => {
    read = Buffer.from(await environ["wsgi.input"].read()).toString("latin1");
    return ok(environ, startResponse);
  });
  return read;
}

/** What an application's headers and body become for an event. */
export async function resultOf(
  event: unknown,
  headers: HeaderList,
  body: Body = text("ok"),
  status = "200 OK",
): Promise<Json> {
  const { result } = await invoke(event, (_environ, startResponse) => {
    startResponse(status, headers);
    return body;
  });
  return result;
}

export const ok: Application = (_environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain; charset=utf-8"]]);
  return text("ok");
};

const FIXTURES = join(import.meta.dirname, "../fixtures/events");

export function fixture(name: string): Json {
  return JSON.parse(readFileSync(join(FIXTURES, `${name}.json`), "utf8"));
}

/** An event of each source, as small as AWS would send it. */
export const v2 = (changes: Json = {}, http: Json = {}, requestContext: Json = {}): Json => ({
  version: "2.0",
  routeKey: "$default",
  rawPath: "/x",
  rawQueryString: "",
  headers: { host: "api.example" },
  requestContext: {
    accountId: "123456789012",
    apiId: "api",
    domainName: "api.example",
    domainPrefix: "api",
    http: {
      method: "GET",
      path: changes.rawPath ?? "/x",
      protocol: "HTTP/1.1",
      sourceIp: "192.0.2.1",
      userAgent: "t",
      ...http,
    },
    requestId: "v2-1",
    routeKey: "$default",
    stage: "$default",
    ...requestContext,
  },
  isBase64Encoded: false,
  ...changes,
});

export const url = (changes: Json = {}): Json =>
  v2(changes, {}, { domainName: "abc.lambda-url.eu-central-1.on.aws", accountId: "anonymous" });

export const v1 = (changes: Json = {}, requestContext: Json = {}): Json => ({
  resource: "/{proxy+}",
  path: "/x",
  httpMethod: "GET",
  headers: { Host: "api.example" },
  multiValueHeaders: { Host: ["api.example"] },
  queryStringParameters: null,
  multiValueQueryStringParameters: null,
  pathParameters: { proxy: "x" },
  stageVariables: null,
  requestContext: {
    accountId: "123456789012",
    apiId: "api",
    domainName: "api.example",
    httpMethod: "GET",
    identity: { sourceIp: "192.0.2.1" },
    path: "/prod/x",
    protocol: "HTTP/1.1",
    requestId: "v1-1",
    resourcePath: "/{proxy+}",
    stage: "prod",
    ...requestContext,
  },
  body: null,
  isBase64Encoded: false,
  ...changes,
});

const ELB = {
  elb: { targetGroupArn: "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/t/1" },
};

export const albSingle = (changes: Json = {}): Json => ({
  requestContext: ELB,
  httpMethod: "GET",
  path: "/x",
  queryStringParameters: {},
  headers: { host: "lb.example", "x-forwarded-for": "192.0.2.1" },
  body: "",
  isBase64Encoded: false,
  ...changes,
});

export const albMulti = (changes: Json = {}): Json => ({
  requestContext: ELB,
  httpMethod: "GET",
  path: "/x",
  multiValueQueryStringParameters: {},
  multiValueHeaders: { host: ["lb.example"], "x-forwarded-for": ["192.0.2.1"] },
  body: "",
  isBase64Encoded: false,
  ...changes,
});

export const lattice2 = (changes: Json = {}): Json => ({
  version: "2.0",
  path: "/x",
  method: "GET",
  headers: { host: ["svc.example"], "x-forwarded-for": ["192.0.2.1"] },
  requestContext: {
    serviceNetworkArn: "arn:aws:vpc-lattice:us-east-2:1:servicenetwork/sn-1",
    serviceArn: "arn:aws:vpc-lattice:us-east-2:1:service/svc-1",
    targetGroupArn: "arn:aws:vpc-lattice:us-east-2:1:targetgroup/tg-1",
    identity: {},
    region: "us-east-2",
    timeEpoch: "1696331543569073",
  },
  ...changes,
});

export const lattice1 = (changes: Json = {}): Json => ({
  raw_path: "/x",
  method: "GET",
  headers: { host: "svc.example", "x-forwarded-for": "192.0.2.1" },
  query_string_parameters: {},
  body: "",
  is_base64_encoded: false,
  ...changes,
});

export const edge = (request: Json = {}, config: Json = {}): Json => ({
  Records: [
    {
      cf: {
        config: {
          distributionDomainName: "d1.cloudfront.net",
          distributionId: "E1",
          eventType: "viewer-request",
          requestId: "edge-1",
          ...config,
        },
        request: {
          clientIp: "192.0.2.1",
          headers: { host: [{ key: "Host", value: "www.example" }] },
          method: "GET",
          querystring: "",
          uri: "/x",
          ...request,
        },
      },
    },
  ],
});

export const SOURCES: Readonly<Record<string, Json>> = {
  "REST API": v1(),
  "HTTP API 1.0": v1({ version: "1.0" }, { path: "/x", stage: "$default" }),
  "HTTP API 2.0": v2(),
  "function URL": url(),
  "ALB, single": albSingle(),
  "ALB, multi": albMulti(),
  "VPC Lattice v1": lattice1(),
  "VPC Lattice v2": lattice2(),
  "Lambda@Edge, viewer": edge(),
  "Lambda@Edge, origin": edge({}, { eventType: "origin-request" }),
};
