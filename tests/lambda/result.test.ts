import { type HeaderList, text } from "dram";
import { toLambda } from "dram/lambda";
import { describe, expect, test } from "vitest";
import { Log } from "../core/helpers.ts";
import {
  albMulti,
  albSingle,
  context,
  edge,
  invoke,
  type Json,
  lattice1,
  lattice2,
  resultOf,
  url,
  v1,
  v2,
} from "./helpers.ts";

const HEADERS: HeaderList = [
  ["Content-Type", "text/plain"],
  ["Set-Cookie", "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT"],
  ["X-Foo", "foo"],
  ["set-cookie", "b=2"],
  ["X-FOO", "bar, baz"],
];
const COOKIES = ["a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "b=2"];
const GROUPED = {
  "content-type": ["text/plain"],
  "set-cookie": COOKIES,
  "x-foo": ["foo", "bar, baz"],
};
const JOINED = { "content-type": "text/plain", "x-foo": "foo, bar, baz" };

describe("R04 two cookies and a repeated header", () => {
  test.each([
    ["REST API", v1()],
    ["HTTP API 1.0", v1({ version: "1.0" })],
  ])(
    "%s: all in multiValueHeaders, and no key that API Gateway does not know",
    async (_name, event) => {
      expect(await resultOf(event, HEADERS)).toEqual({
        statusCode: 200,
        multiValueHeaders: GROUPED,
        body: "ok",
        isBase64Encoded: false,
      });
    },
  );

  test.each([
    ["HTTP API 2.0", v2()],
    ["function URL", url()],
  ])("%s: headers joined, cookies apart", async (_name, event) => {
    expect(await resultOf(event, HEADERS)).toEqual({
      statusCode: 200,
      headers: JOINED,
      cookies: COOKIES,
      body: "ok",
      isBase64Encoded: false,
    });
  });

  test("HTTP API 2.0: no list of cookies without one", async () => {
    expect(await resultOf(v2(), [["X-A", "1"]])).not.toHaveProperty("cookies");
  });

  test("load balancer with multi-value headers: in the field that the event used", async () => {
    expect(await resultOf(albMulti(), HEADERS)).toEqual({
      statusCode: 200,
      statusDescription: "200 OK",
      multiValueHeaders: GROUPED,
      body: "ok",
      isBase64Encoded: false,
    });
  });

  test("load balancer with single headers: the first cookie", async () => {
    expect(await resultOf(albSingle(), HEADERS)).toEqual({
      statusCode: 200,
      statusDescription: "200 OK",
      headers: { ...JOINED, "set-cookie": COOKIES[0] },
      body: "ok",
      isBase64Encoded: false,
    });
  });

  test.each([
    ["v1", lattice1()],
    ["v2", lattice2()],
  ])("VPC Lattice %s: strings, the first cookie", async (_name, event) => {
    expect(await resultOf(event, HEADERS)).toEqual({
      statusCode: 200,
      headers: { ...JOINED, "set-cookie": COOKIES[0] },
      body: "ok",
      isBase64Encoded: false,
    });
  });

  test("Lambda@Edge: lists of fields", async () => {
    const field = (key: string) => (value: string) => ({ key, value });
    expect(await resultOf(edge(), HEADERS)).toEqual({
      status: "200",
      statusDescription: "OK",
      headers: {
        "content-type": [{ key: "content-type", value: "text/plain" }],
        "set-cookie": COOKIES.map(field("set-cookie")),
        "x-foo": ["foo", "bar, baz"].map(field("x-foo")),
      },
      body: "ok",
      bodyEncoding: "text",
    });
  });
});

test("T09 the loss of cookies is said once, naming them and the attribute that would keep them", async () => {
  const log = new Log();
  const handler = toLambda(
    (_environ, startResponse) => {
      startResponse("200 OK", HEADERS);
      return [];
    },
    { errors: log },
  );
  await handler(albSingle(), context());
  await handler(albSingle(), context());
  expect(log.writes).toEqual([
    'dram: GET /x (request "request-1"): only the first of several cookies was sent, without "b": the load balancer takes one value a header; set lambda.multi_value_headers.enabled on its target group; this is said once\n',
  ]);
});

test("T09 one cookie is no loss", async () => {
  const { lines, result } = await invoke(albSingle(), (_environ, startResponse) => {
    startResponse("200 OK", [["Set-Cookie", "a=1"]]);
    return [];
  });
  expect([lines, result.headers]).toEqual([[], { "set-cookie": "a=1" }]);
});

test("R03 the reason reaches where there is a place for it", async () => {
  const results = await Promise.all(
    [albSingle(), albMulti(), edge()].map((event) =>
      resultOf(event, [], text(""), "404 Gone Fishing"),
    ),
  );
  expect(results.map(({ statusDescription }) => statusDescription)).toEqual([
    "404 Gone Fishing",
    "404 Gone Fishing",
    "Gone Fishing",
  ]);
});

test("R03 capabilities tell which that is", async () => {
  const reasons = await Promise.all(
    [v1(), v2(), albSingle(), edge()].map(async (event) => {
      const { environ } = await invoke(event);
      return environ?.["dram.capabilities"]?.reason;
    }),
  );
  expect(reasons).toEqual([false, false, true, true]);
});

test("T03 Lambda@Edge is not given headers that CloudFront keeps for itself", async () => {
  const forbidden = [
    "Content-Length",
    "Via",
    "X-Cache",
    "X-Edge-Foo",
    "X-Amz-Cf-Id",
    "X-Amzn-Trace-Id",
  ];
  const headers = forbidden.map((name): [string, string] => [name, "2"]);
  const { headers: sent } = await resultOf(edge(), [...headers, ["X-A", "1"]]);
  expect(Object.keys(sent as Json)).toEqual(["x-a"]);
});

test.each([
  ["UTF-8 in bytes", "caf\xc3\xa9", "café"],
  ["a byte that is no UTF-8", "caf\xe9", "café"],
])("R07 a header value of %s is the text of it", async (_what, value, expected) => {
  expect((await resultOf(v2(), [["X-A", value]])).headers).toEqual({ "x-a": expected });
});

test.each([
  ["v2", v2()],
  ["v1", v1()],
])("T11 a header named __proto__ is a header (%s)", async (_name, event) => {
  const result = JSON.stringify(await resultOf(event, [["__proto__", "1"]]));
  expect(result).toMatch(/"__proto__":(?:"1"|\["1"\])/);
  expect(Object.keys(Object.prototype)).toEqual([]);
});

test.each([
  ["HEAD", v2({}, { method: "HEAD" }), "200 OK", ""],
  ["204", v2(), "204 No Content", ""],
  ["304", v2(), "304 Not Modified", ""],
])("R13 a response to %s has no body", async (_case, event, status, body) => {
  const result = await resultOf(
    event,
    [["Content-Length", "4"]].slice(status[0] === "2" ? 0 : 1) as HeaderList,
    [Buffer.from("body")],
    status,
  );
  expect(result).toMatchObject({ body, isBase64Encoded: false });
});

test.each([
  ["an error of the application", v2({}, { method: "HEAD" })],
  ["a refused request", v2({ headers: { host: "a/b" } }, { method: "HEAD" })],
])("R18 the page for %s has no body for HEAD", async (_case, event) => {
  const { result } = await invoke(event, () => {
    throw new Error("x");
  });
  expect(result.statusCode).toBeGreaterThanOrEqual(400);
  expect(result.body).toBe("");
});

test("R18 nor has the page for one that came too late, or too large", async () => {
  const { result } = await invoke(v2({}, { method: "HEAD" }), (_environ, startResponse) => {
    startResponse("200 OK", [["X-A", "a".repeat(11_000)]]);
    return [];
  });
  expect([result.statusCode, result.body]).toEqual([500, ""]);
});

test("R17 a response to HEAD keeps its Content-Length", async () => {
  const event = v2({}, { method: "HEAD" });
  expect((await resultOf(event, [["Content-Length", "12345"]], [])).headers).toEqual({
    "content-length": "12345",
  });
});
