import { Readable } from "node:stream";
import type { Application, Body, HeaderList } from "dram";
import { checkEnviron, lint } from "dram/lint";
import { expect, test } from "vitest";
import { untyped } from "../core/exchangehelpers.ts";
import { latin1 } from "../core/helpers.ts";
import { found, foundIn, logOf } from "./helpers.ts";

const PLAIN: [string, string] = ["Content-Type", "text/plain"];

function answering(
  status: string,
  headers: HeaderList,
  body: Body = [latin1("hello")],
): Application {
  return (_environ, startResponse) => {
    startResponse(status, headers);
    return body;
  };
}

// What wsgiref.validate lets through or stumbles over, and what Rack::Lint does.

test("an environ without wsgi.url_scheme has a message of its own", () => {
  expect(foundIn({ "wsgi.url_scheme": undefined })).toContain("error L08 gateway");
});

test("a status with CR LF in it, which splits the response", async () => {
  const splitting = answering("200 OK\r\nX: y", [PLAIN]);
  expect(await found(splitting)).toEqual(["error L45 application"]);
});

test("DEL in a header value", async () => {
  const application = answering("200 OK", [PLAIN, ["X-A", "\x7f"]]);
  expect(await found(application)).toEqual(["error L54 application"]);
});

test("a character above U+00FF in a header value, which breaks when half is sent", async () => {
  const application = answering("200 OK", [PLAIN, ["X-A", "\u2192"]]);
  expect(await found(application)).toEqual(["error L55b application"]);
});

test("a character above U+00FF in the reason", async () => {
  expect(await found(answering("200 \u2192", [PLAIN]))).toEqual(["error L55 application"]);
});

test("two Content-Length", async () => {
  const length: [string, string] = ["Content-Length", "5"];
  const application = answering("200 OK", [PLAIN, length, length]);
  expect(await found(application)).toEqual(["error L61b application"]);
});

test.each(["4", "6"])("a Content-Length of %s for 5 bytes", async (length) => {
  const headers: HeaderList = [PLAIN, ["Content-Length", length]];
  const list = answering("200 OK", headers);
  const generator = answering(
    "200 OK",
    headers,
    (function* () {
      yield latin1("he");
      yield latin1("llo");
    })(),
  );
  expect(await found(list)).toEqual(["error L62 application"]);
  expect(await found(generator)).toEqual(["error L62 application"]);
});

test("no call of startResponse and an empty list", async () => {
  expect(await found(() => [])).toEqual(["error L75 application"]);
});

test("no call of startResponse and an empty generator", async () => {
  expect(await found(async function* () {})).toEqual(["error L75 application"]);
});

test.each(["X.Y", "1x"])("the header name %s is a token, and only warned of", async (name) => {
  const findings = await found(answering("200 OK", [PLAIN, [name, "a"]]));
  expect(findings.filter((finding) => finding.startsWith("error"))).toEqual([]);
});

test.each(["xHTTP/1.1", "HTTP/1.1y", "HTTP/11", "http/1.1"])("the protocol %s", (protocol) => {
  expect(foundIn({ SERVER_PROTOCOL: protocol })).toEqual(["error L24 gateway"]);
});

test.each(["+5", " 5", "1_0", "-1", "5.0", "", "\u0665"])("the CONTENT_LENGTH %j", (length) => {
  expect(foundIn({ CONTENT_LENGTH: length })).toContain("error L25 gateway");
});

test("SCRIPT_NAME and PATH_INFO that are there, but both empty", () => {
  expect(foundIn({ SCRIPT_NAME: "", PATH_INFO: "" })).toEqual(["error L20 gateway"]);
});

test("a hop-by-hop header and a second startResponse, which it leaves to the server", async () => {
  const upgrading = answering("200 OK", [PLAIN, ["Upgrade", "h2c"]]);
  expect(await found(upgrading)).toEqual(["error L57 application"]);
  const twice = untyped((_environ, startResponse) => {
    startResponse("200 OK", [PLAIN]);
    startResponse("200 OK", [PLAIN]);
    return [];
  });
  expect(await found(twice)).toEqual(["error L66 application"]);
});

test("a first startResponse that failed counts as one", async () => {
  const application = untyped((_environ, startResponse) => {
    try {
      startResponse("200", []);
    } catch {}
    startResponse("200 OK", [PLAIN]);
    return [];
  });
  expect(await found(application)).toEqual(["error L66 application"]);
});

test.each([
  ["a string", "hello", "L71"],
  ["bytes", latin1("hello"), "L71"],
  ["null", null, "L70"],
  ["false", false, "L70"],
  ["an object", {}, "L70"],
])("%s in the place of a body", async (_name, body, rule) => {
  const application = untyped((_environ, startResponse) => {
    startResponse("200 OK", [PLAIN]);
    return body;
  });
  expect(await found(application)).toEqual([`error ${rule} application`]);
});

test("a ReadableStream that somebody reads", async () => {
  const stream = new ReadableStream<Uint8Array>();
  stream.getReader();
  expect(await found(answering("200 OK", [PLAIN], stream))).toEqual(["error L72 application"]);
});

test("a Node stream that flows already is told as what it is", async () => {
  const stream = Readable.from([latin1("a")]).resume();
  const [line] = await logOf(lint(answering("200 OK", [PLAIN], stream)));
  expect(line).toContain(
    "L72 (application): the application returned an Object that is being read",
  );
});

test.each([
  ["a Map", new Map()],
  ["an instance of a class", new (class Request {})()],
  ["an object that inherits", Object.create({ REQUEST_METHOD: "GET" })],
  [
    "an object that inherits nothing else",
    Object.create(Object.assign(Object.create(null), { A: "a" })),
  ],
  ["an object with a getter", Object.defineProperty({}, "A", { get: () => "a" })],
])("%s in the place of environ", (_name, environ) => {
  expect(checkEnviron(environ).map(({ rule }) => rule)).toContain("L04");
});
