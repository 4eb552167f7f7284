import { describe, expect, test } from "vitest";
import { gateways } from "../../scripts/lambda/gateways.ts";
import { type HttpRequest, type HttpResponse, Refusal } from "../../scripts/lambda/message.ts";

const GET: HttpRequest = {
  method: "GET",
  path: "/",
  query: "",
  headers: [],
  body: Buffer.alloc(0),
  address: "192.0.2.1",
  time: 0,
  id: "1",
};

function answer(name: string, result: unknown, request = GET): HttpResponse | number {
  try {
    const response = gateways[name]?.toResponse(result, request);
    return response ?? 0;
  } catch (error) {
    if (error instanceof Refusal) {
      return error.status;
    }
    throw error;
  }
}

const NONE = Buffer.alloc(0);

describe("REST API", () => {
  test("merges both maps of headers, identical pairs once", () => {
    expect(
      answer("rest", {
        statusCode: 200,
        multiValueHeaders: { "Content-Type": ["a/b"], "X-A": ["1", "2"] },
        headers: { "X-A": "2", "X-B": 3 },
      }),
    ).toEqual({
      status: 200,
      headers: [
        ["Content-Type", "a/b"],
        ["X-A", "1"],
        ["X-A", "2"],
        ["X-B", "3"],
      ],
      body: NONE,
    });
  });

  test("renames what is not the function's, and adds a type", () => {
    const headers = { "WWW-Authenticate": "Basic", "content-length": "9" };
    expect(answer("rest", { statusCode: 401, headers })).toMatchObject({
      headers: [
        ["x-amzn-remapped-WWW-Authenticate", "Basic"],
        ["x-amzn-remapped-content-length", "9"],
        ["Content-Type", "application/json"],
      ],
    });
  });

  test.each<[string, unknown]>([
    ["no object", "text"],
    ["null", null],
    ["no status", {}],
    ["a status of text", { statusCode: "200" }],
    ["a status of 99", { statusCode: 99 }],
    ["a key too many", { statusCode: 200, cookies: ["a=1"] }],
    ["a body that is no string", { statusCode: 200, body: {} }],
    ["headers that are no object", { statusCode: 200, headers: [] }],
    ["a header that is an object", { statusCode: 200, headers: { a: {} } }],
    ["a list that is none", { statusCode: 200, multiValueHeaders: { a: "1" } }],
    ["isBase64Encoded of text", { statusCode: 200, isBase64Encoded: "true" }],
  ])("refuses %s", (_case, result) => {
    expect(answer("rest", result)).toBe(502);
  });
});

describe.each(["http", "url"])("%s", (name) => {
  test("sends cookies as headers of their own", () => {
    const result = { statusCode: 200, headers: { a: "1" }, cookies: ["a=1", "b=2"], body: "x" };
    expect(answer(name, result)).toEqual({
      status: 200,
      headers: [
        ["a", "1"],
        ["set-cookie", "a=1"],
        ["set-cookie", "b=2"],
      ],
      body: Buffer.from("x"),
    });
  });

  test("takes what has no status for the body", () => {
    expect(answer(name, { message: "ok" })).toEqual({
      status: 200,
      headers: [["content-type", "application/json"]],
      body: Buffer.from('{"message":"ok"}'),
    });
  });

  test("counts the length itself", () => {
    const result = { statusCode: 200, headers: { "Content-Length": "9" }, body: "" };
    expect(answer(name, result)).toMatchObject({ headers: [] });
    expect(answer(name, result, { ...GET, method: "HEAD" })).toMatchObject({
      headers: [["Content-Length", "9"]],
    });
  });

  test.each<[string, unknown]>([
    ["a status of text", { statusCode: "x" }],
    ["cookies that are no list", { statusCode: 200, cookies: "a=1" }],
    ["lists of values", { statusCode: 200, headers: { a: ["1"] } }],
  ])("refuses %s", (_case, result) => {
    expect(answer(name, result)).toBe(502);
  });
});

describe("Application Load Balancer", () => {
  const result = {
    statusCode: 200,
    statusDescription: "200 Froody",
    headers: { a: "1", connection: "close" },
    multiValueHeaders: { a: ["2", "3"] },
    body: "AA==",
    isBase64Encoded: true,
  };

  test("takes the map of headers that its target group says", () => {
    const response = { status: 200, reason: "Froody", body: Buffer.from([0]) };
    expect(answer("alb", result)).toEqual({ ...response, headers: [["a", "1"]] });
    expect(answer("alb-multi", result)).toEqual({
      ...response,
      headers: [
        ["a", "2"],
        ["a", "3"],
      ],
    });
  });

  test.each<[string, unknown]>([
    ["no status", { headers: {} }],
    ["a description of another status", { statusCode: 200, statusDescription: "404 Not Found" }],
    ["more than 1 MB", { statusCode: 200, body: "x".repeat(1_048_576) }],
  ])("refuses %s", (_case, wrong) => {
    expect(answer("alb", wrong)).toBe(502);
  });
});

describe("VPC Lattice", () => {
  test("takes one value a name", () => {
    expect(answer("lattice", { statusCode: 200, headers: { a: "1" }, body: "x" })).toEqual({
      status: 200,
      headers: [["a", "1"]],
      body: Buffer.from("x"),
    });
    expect(answer("lattice", { statusCode: 200, headers: { a: ["1"] } })).toBe(502);
  });
});

describe("Lambda@Edge", () => {
  test("takes lists of { key, value }", () => {
    expect(
      answer("edge", {
        status: "200",
        statusDescription: "Froody",
        headers: { "x-a": [{ key: "X-A", value: "1" }, { value: "2" }] },
        body: "AA==",
        bodyEncoding: "base64",
      }),
    ).toEqual({
      status: 200,
      reason: "Froody",
      headers: [
        ["X-A", "1"],
        ["x-a", "2"],
      ],
      body: Buffer.from([0]),
    });
  });

  test.each<[string, unknown]>([
    ["a status that is a number", { status: 200 }],
    ["the request, for there is no origin", { uri: "/", method: "GET" }],
    ["a header of CloudFront's", { status: "200", headers: { via: [{ value: "x" }] } }],
    ["Content-Length", { status: "200", headers: { "content-length": [{ value: "1" }] } }],
    ["another key", { status: "200", headers: { "x-a": [{ key: "X-B", value: "1" }] } }],
    ["capitals", { status: "200", headers: { "X-A": [{ value: "1" }] } }],
    ["a header of text", { status: "200", headers: { "x-a": "1" } }],
    ["another encoding", { status: "200", bodyEncoding: "hex" }],
    ["more than 1 MB", { status: "200", body: "x".repeat(1_048_577) }],
  ])("refuses %s", (_case, result) => {
    expect(answer("edge", result)).toBe(502);
  });
});
