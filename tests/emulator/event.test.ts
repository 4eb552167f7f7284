import { describe, expect, test } from "vitest";
import { gateways } from "../../scripts/lambda/gateways.ts";
import { type HttpRequest, Refusal, type Site } from "../../scripts/lambda/message.ts";
import type { JsonObject } from "../../scripts/lambda/result.ts";

function event(
  name: string,
  changes: Partial<HttpRequest>,
  site: Partial<Site> = {},
): JsonObject & { requestContext: JsonObject } {
  const request: HttpRequest = {
    method: "GET",
    path: "/",
    query: "",
    headers: [],
    body: Buffer.alloc(0),
    address: "192.0.2.1",
    time: 0,
    id: "1",
    ...changes,
  };
  const at: Site = { domain: "localhost", scheme: "https", port: "443", ...site };
  return gateways[name]?.toEvent(request, at) as JsonObject & { requestContext: JsonObject };
}

function refusal(...parameters: Parameters<typeof event>): unknown {
  try {
    return event(...parameters);
  } catch (error) {
    return error instanceof Refusal ? error.status : error;
  }
}

describe("the path", () => {
  test.each([
    ["rest", "/a%2Fb%20c%25", "path"],
    ["url", "/a%2Fb%20c%25", "rawPath"],
    ["alb", "/a%2Fb%20c%25", "path"],
    ["lattice", "/a%2Fb%20c%25", "path"],
    ["http", "/a/b c%", "rawPath"],
  ])("of %s is %s", (name, wanted, key) => {
    expect(event(name, { path: "/a%2Fb%20c%25" })[key]).toBe(wanted);
  });

  test("of an HTTP API ends at an escaped question mark", () => {
    expect(event("http", { path: "/a%3Fb" }).rawPath).toBe("/a");
  });

  test("begins with the stage where there is one", () => {
    const rest = event("rest", { path: "/prod/x" }, { stage: "prod" });
    expect([rest.path, rest.requestContext.path]).toEqual(["/x", "/prod/x"]);
    const root = event("rest", { path: "/prod" }, { stage: "prod" });
    expect([root.path, root.resource, root.pathParameters]).toEqual(["/", "/", null]);
    expect(event("http", { path: "/prod/x" }, { stage: "prod" }).rawPath).toBe("/prod/x");
  });

  test("beside the stage reaches no function", () => {
    expect(refusal("rest", { path: "/production" }, { stage: "prod" })).toBe(403);
    expect(refusal("http", { path: "/production" }, { stage: "prod" })).toBe(404);
  });
});

describe("the query", () => {
  const query = "a=1&a=%2B+x&b=";

  test("of a REST API is decoded", () => {
    const { queryStringParameters, multiValueQueryStringParameters } = event("rest", { query });
    expect(queryStringParameters).toEqual({ a: "+ x", b: "" });
    expect(multiValueQueryStringParameters).toEqual({ a: ["1", "+ x"], b: [""] });
  });

  test("of a REST API is split at semicolons, too", () => {
    expect(event("rest", { query: "a=1;b=2" }).queryStringParameters).toEqual({ a: "1", b: "2" });
  });

  test("of VPC Lattice is decoded into lists", () => {
    const { queryStringParameters } = event("lattice", { query });
    expect(queryStringParameters).toEqual({ a: ["1", "+ x"], b: [""] });
  });

  test("of a REST API takes some characters only escaped", () => {
    expect(refusal("rest", { query: "a=|" })).toBe(400);
  });

  test("of a load balancer is not decoded", () => {
    expect(event("alb", { query }).queryStringParameters).toEqual({ a: "%2B+x", b: "" });
    expect(event("alb-multi", { query }).multiValueQueryStringParameters).toEqual({
      a: ["1", "%2B+x"],
      b: [""],
    });
  });

  test("of payload 2.0 is as it was sent", () => {
    expect(event("http", { query }).rawQueryString).toBe(query);
  });
});

describe("the headers", () => {
  const headers = [
    ["Cookie", "a=1; b=2"],
    ["X-A", "1"],
    ["x-a", "2"],
    ["X-Forwarded-For", "203.0.113.9"],
    ["X-Forwarded-Proto", "gopher"],
    ["Connection", "close"],
  ] as const;

  test("of an HTTP API are joined, without the cookies", () => {
    const found = event("http", { headers });
    expect(found.cookies).toEqual(["a=1", "b=2"]);
    expect(found.headers).toEqual({
      "x-a": "1,2",
      "x-forwarded-for": "203.0.113.9, 192.0.2.1",
      "x-forwarded-port": "443",
      "x-forwarded-proto": "https",
      "x-amzn-trace-id": "Root=1-00000000-000000000000000000000000",
    });
  });

  test("of a function URL have the cookies, too", () => {
    expect(event("url", { headers }).headers).toMatchObject({ cookie: "a=1; b=2" });
  });

  test("of a REST API have the client's letters, and no length", () => {
    const lengthy = [...headers, ["Content-Length", "3"]] as const;
    expect(event("rest", { headers: lengthy }).multiValueHeaders).toEqual({
      Cookie: ["a=1; b=2"],
      "X-A": ["1"],
      "x-a": ["2"],
      "X-Forwarded-For": ["203.0.113.9, 192.0.2.1"],
      "X-Forwarded-Port": ["443"],
      "X-Forwarded-Proto": ["https"],
      "X-Amzn-Trace-Id": ["Root=1-00000000-000000000000000000000000"],
    });
  });

  test("of a load balancer are the last ones, unless it has been told otherwise", () => {
    expect(event("alb", { headers }).headers).toMatchObject({ "x-a": "2" });
    expect(event("alb-multi", { headers }).multiValueHeaders).toMatchObject({ "x-a": ["1", "2"] });
  });

  test("of CloudFront are without those it hides", () => {
    const [record] = event("edge", { headers }).Records as [{ cf: { request: JsonObject } }];
    expect(record.cf.request.headers).toEqual({
      cookie: [{ key: "Cookie", value: "a=1; b=2" }],
      "x-a": [
        { key: "X-A", value: "1" },
        { key: "x-a", value: "2" },
      ],
      "x-forwarded-for": [{ key: "X-Forwarded-For", value: "203.0.113.9, 192.0.2.1" }],
    });
  });

  test("of an upgrade reach no function behind a load balancer", () => {
    expect(refusal("alb", { headers: [["Upgrade", "websocket"]] })).toBe(400);
  });
});

test("the time of VPC Lattice is in microseconds", () => {
  const { requestContext } = event("lattice", { time: 1_696_331_543_569 });
  expect(requestContext.timeEpoch).toBe("1696331543569000");
});

describe("the body", () => {
  const body = Buffer.from("é");

  test.each([
    ["alb", "text/plain; charset=utf-8", false],
    ["alb", "application/json", false],
    ["alb", "application/octet-stream", true],
    ["url", "application/x-www-form-urlencoded", true],
    ["http", "application/xml", false],
    ["lattice", "image/png", true],
    ["rest", "text/plain", true],
  ])("of %s and %s is base64: %s", (name, type, isBase64Encoded) => {
    expect(event(name, { body, headers: [["Content-Type", type]] })).toMatchObject({
      body: isBase64Encoded ? "w6k=" : "é",
      isBase64Encoded,
    });
  });

  test("that is compressed is base64 behind a load balancer", () => {
    const headers = [
      ["Content-Type", "text/plain"],
      ["Content-Encoding", "gzip"],
    ] as const;
    expect(event("alb", { body, headers }).isBase64Encoded).toBe(true);
  });

  test("is cut by CloudFront at 1 MB", () => {
    const large = Buffer.alloc(1_048_577);
    const found = event("edge", { method: "POST", body: large });
    expect(found).toMatchObject({
      Records: [{ cf: { request: { body: { inputTruncated: true, encoding: "base64" } } } }],
    });
  });
});
