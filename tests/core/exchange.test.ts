import { runInNewContext } from "node:vm";
import {
  type Application,
  type Body,
  DramError,
  type ErrorCode,
  type StartResponse,
  text,
} from "dram";
import { toFetch } from "dram/fetch";
import { expect, test } from "vitest";
import {
  type Answer,
  answer,
  answering,
  anything,
  type Incoming,
  next,
  RecordedBody,
  start,
  streamOf,
  thrownBy,
  untyped,
} from "./exchangehelpers.ts";
import { coded, idle, Log, latin1, unhandledRejectionsOf } from "./helpers.ts";

const EMPTY = new Uint8Array(0);
const hello = (): Uint8Array => latin1("hello");

test.each([
  ["a function", (_environ, startResponse) => ok(startResponse)],
  ["an async function", async (_environ, startResponse) => ok(startResponse)],
  [
    "a generator function",
    function* (_environ, startResponse) {
      yield* ok(startResponse);
    },
  ],
  [
    "an async generator function",
    async function* (_environ, startResponse) {
      yield* ok(startResponse);
    },
  ],
  [
    "a bound method",
    new (class {
      answer(_environ: unknown, startResponse: StartResponse): Uint8Array[] {
        return ok(startResponse);
      }
    })().answer.bind(undefined),
  ],
  ["a function of no parameter", (...both: Parameters<Application>) => ok(both[1])],
  [
    "a Proxy of a function",
    new Proxy((_environ: unknown, startResponse: StartResponse) => ok(startResponse), {}),
  ],
] satisfies [string, Application][])("S1 %s is an application", async (_what, application) => {
  expect(await answer(application)).toMatchObject({ status: 200, body: "hello", lines: [] });
});

test.each([
  ["answers", answering(() => [hello()])],
  ["throws", throwing],
  ["returns no body", untyped(() => undefined)],
] satisfies [string, Application][])(
  "S2 an application that %s is called once",
  async (_how, application) => {
    let calls = 0;
    await answer((environ, startResponse) => {
      calls++;
      return application(environ, startResponse);
    });
    expect(calls).toBe(1);
  },
);

test("S3 the application gets exactly two arguments, and no receiver", async () => {
  let given: unknown[] = [];
  let receiver: unknown = "not called";
  await answer(function (this: unknown, ...both: Parameters<Application>) {
    given = both;
    receiver = this;
    return ok(both[1]);
  });
  expect(given).toEqual([expect.objectContaining({ REQUEST_METHOD: "GET" }), expect.any(Function)]);
  expect(receiver).toBe(undefined);
});

test("S5 an application may delete every key of environ", async () => {
  const response = await answer(
    (environ, startResponse) => {
      wipe(environ);
      startResponse("200 OK", []);
      return Object.assign([hello()], { close: throwing });
    },
    { method: "HEAD" },
  );
  expect(response).toMatchObject({
    status: 200,
    headers: [["Content-Length", "5"]],
    body: null,
    lines: [expect.stringMatching(/^dram: HEAD \/x: .*oops/)],
  });
});

test("S5 an application may put anything into environ", async () => {
  const response = await answer(
    (environ, startResponse) => {
      for (const key of Object.keys(environ)) {
        environ[key] = null;
      }
      startResponse("200 OK", []);
      throw new Error("SECRET");
    },
    { method: "HEAD" },
  );
  expect(response).toMatchObject({
    status: 500,
    body: null,
    lines: [expect.stringMatching(/^dram: HEAD \/x: .*SECRET/)],
  });
});

test("S5 an application may freeze environ", async () => {
  const response = await answer((environ, startResponse) => {
    Object.freeze(environ);
    return ok(startResponse);
  });
  expect(response).toMatchObject({ status: 200, body: "hello" });
});

test("S8 chunks are produced one by one, when they are asked for", async () => {
  const body = new RecordedBody(latin1("a"), latin1("b"), latin1("c"));
  const { response } = start(answering(body));
  const stream = await streamOf(response);
  await idle();
  expect(body.events).toEqual(["yield a"]);
  expect(await next(stream)).toBe("a");
  await idle();
  expect(body.events).toEqual(["yield a"]);
  expect(await next(stream)).toBe("b");
  await idle();
  expect(body.events).toEqual(["yield a", "yield b"]);
});

test("S8 through toFetch chunks are produced one by one, when they are asked for", async () => {
  const body = new RecordedBody(latin1("a"), latin1("b"), latin1("c"));
  const response = await toFetch(answering(body))(new Request("http://localhost/"));
  const reader = response.body?.getReader();
  await idle();
  expect(body.events).toEqual(["yield a"]);
  await reader?.read();
  await idle();
  expect(body.events).toEqual(["yield a"]);
  await reader?.read();
  await idle();
  expect(body.events).toEqual(["yield a", "yield b"]);
});

test("S8 a chunk leaves while the application works on the next", async () => {
  const work = Promise.withResolvers<Uint8Array>();
  const { response } = start(answering(new RecordedBody(latin1("a"), () => work.promise)));
  const stream = await streamOf(response);
  expect(await next(stream)).toBe("a");
  work.resolve(latin1("b"));
  expect(await next(stream)).toBe("b");
});

test("S9 all 256 bytes pass unchanged", async () => {
  const all = Uint8Array.from({ length: 256 }, (_, index) => index);
  const native = Buffer.from(all).toString("latin1");
  expect((await answer(answering([all]))).body).toBe(native);
  expect((await answer(answering(new RecordedBody(all)))).body).toBe(native);
  const response = await toFetch(answering([all]))(new Request("http://localhost/"));
  expect(await response.bytes()).toEqual(all);
});

test.each([["Foo: Bar\r\n\r\nHello"], ["a\nb\r\nc\r"], ["\ufeffa"]])(
  "S9 line ends pass unchanged: %j",
  async (content) => {
    const chunk = new TextEncoder().encode(content);
    const response = await toFetch(answering(new RecordedBody(chunk)))(
      new Request("http://localhost/"),
    );
    expect(await response.bytes()).toEqual(chunk);
  },
);

test("B06 startResponse may be called in the first step of the iteration", async () => {
  const response = await answer(function* (_environ, startResponse) {
    startResponse("418 I'm a Teapot", [["X-A", "1"]]);
    yield latin1("short and stout");
  });
  expect(response).toMatchObject({
    status: 418,
    reason: "I'm a Teapot",
    headers: [["X-A", "1"]],
    body: "short and stout",
  });
});

test("S14 startResponse may be called after empty chunks", async () => {
  const response = await answer(function* (_environ, startResponse) {
    yield EMPTY;
    yield EMPTY;
    startResponse("201 Created", []);
    yield latin1("a");
  });
  expect(response).toMatchObject({ status: 201, body: "a", lines: [] });
});

test("S14 startResponse may be called at the very end of the iteration", async () => {
  const response = await answer(function* (_environ, startResponse) {
    yield EMPTY;
    startResponse("202 Accepted", []);
  });
  expect(response).toMatchObject({ status: 202, length: 0, body: "", lines: [] });
});

test("B07 startResponse may be called after an await, before the application returns", async () => {
  const response = await answer(async (_environ, startResponse) => {
    await idle();
    return ok(startResponse);
  });
  expect(response).toMatchObject({ status: 200, body: "hello" });
});

test("B08 a promise of an async iterable is a body", async () => {
  const response = await answer(async (_environ, startResponse) => {
    startResponse("200 OK", []);
    return new RecordedBody(latin1("a"), latin1("b"));
  });
  expect(response.chunks).toEqual(["a", "b"]);
});

test("S1 a promise of another library is awaited", async () => {
  const response = await answer(
    untyped((_environ, startResponse) => {
      startResponse("200 OK", []);
      // biome-ignore lint/suspicious/noThenProperty: it is a promise that is not one of the language.
      return { then: (resolve: (body: unknown) => void) => resolve([hello()]) };
    }),
  );
  expect(response).toMatchObject({ status: 200, body: "hello" });
});

test("S16 an object that can be iterated both ways is iterated asynchronously", async () => {
  const response = await answer(
    answering({
      [Symbol.iterator]: () => [latin1("sync")][Symbol.iterator](),
      async *[Symbol.asyncIterator]() {
        yield latin1("async");
      },
    }),
  );
  expect(response.body).toBe("async");
});

test("S16 a ReadableStream is a body", async () => {
  const response = await answer(answering(ReadableStream.from([latin1("a"), latin1("b")])));
  expect(response).toMatchObject({ status: 200, chunks: ["a", "b"] });
});

test("S39 an empty chunk does not commit", async () => {
  const work = Promise.withResolvers<Uint8Array>();
  let committed = false;
  const { response } = start(answering(new RecordedBody(EMPTY, EMPTY, () => work.promise)));
  Promise.resolve(response).then(() => {
    committed = true;
  });
  await idle();
  expect(committed).toBe(false);
  work.resolve(latin1("a"));
  expect((await response).status).toBe(200);
});

test("S39 toFetch makes no Response before the first chunk that is not empty", async () => {
  const work = Promise.withResolvers<Uint8Array>();
  let committed = false;
  const response = toFetch(answering(new RecordedBody(EMPTY, () => work.promise)))(
    new Request("http://localhost/"),
  );
  Promise.resolve(response).then(() => {
    committed = true;
  });
  await idle();
  expect(committed).toBe(false);
  work.resolve(latin1("a"));
  expect(await (await response).text()).toBe("a");
});

test("S39 the first chunk that is not empty commits, without the second", async () => {
  const { response } = start(answering(new RecordedBody(latin1("a"), () => new Promise(() => {}))));
  expect((await response).status).toBe(200);
});

test("B10 before the first chunk that is not empty, a generator may replace its answer", async () => {
  const response = await answer(function* (_environ, startResponse) {
    startResponse("200 OK", [["X-A", "1"]]);
    yield EMPTY;
    startResponse("500 Oops", [["X-B", "2"]], new Error("exc"));
    yield latin1("err");
  });
  expect(response).toMatchObject({
    status: 500,
    reason: "Oops",
    headers: [["X-B", "2"]],
    body: "err",
    broken: false,
    lines: [],
  });
});

test("B11 the Content-Length that was replaced is gone", async () => {
  const response = await answer(function* (_environ, startResponse) {
    startResponse("200 OK", [["Content-Length", "5"]]);
    yield EMPTY;
    startResponse("500 Oops", [], new Error("exc"));
    yield latin1("twenty-three bytes long");
  });
  expect(response).toMatchObject({
    status: 500,
    headers: [],
    length: undefined,
    body: "twenty-three bytes long",
    broken: false,
  });
});

test("B12 after the first chunk that is not empty, the client gets that chunk and a broken body", async () => {
  const exc = new Error("exc");
  let thrown: unknown;
  const response = await answer(function* (_environ, startResponse) {
    startResponse("200 OK", [["X-A", "1"]]);
    yield latin1("a");
    thrown = thrownBy(() => startResponse("500 Oops", [["X-B", "2"]], exc));
    throw thrown;
  });
  expect(thrown).toBe(exc);
  expect(response).toMatchObject({
    status: 200,
    headers: [["X-A", "1"]],
    chunks: ["a"],
    broken: true,
    lines: [expect.stringContaining("exc")],
  });
});

test("B12 an array is committed as soon as it is returned", async () => {
  let late: StartResponse | undefined;
  const { response } = start((_environ, startResponse) => {
    late = startResponse;
    return ok(startResponse);
  });
  expect(response).toMatchObject({ status: 200 });
  const exc = new Error("exc");
  expect(thrownBy(() => late?.("500 Oops", [], exc))).toBe(exc);
});

test.each([
  ["an array", () => [latin1("12345")]],
  ["an array of several chunks", () => [latin1("1"), latin1("23"), latin1("45"), latin1("6")]],
  ["an array with close", () => Object.assign([latin1("12"), latin1("345")], { close() {} })],
  ["a generator", () => new RecordedBody(latin1("12345"))],
  ["a generator of several chunks", () => new RecordedBody(latin1("12"), latin1("345"))],
  ["text()", () => text("12345")],
] satisfies [string, () => Body][])("B25 %s is cut at Content-Length", async (_what, body) => {
  const response = await answer(sized("3", body));
  expect(response).toMatchObject({
    status: 200,
    headers: [["Content-Length", "3"]],
    length: 3,
    body: "123",
    broken: false,
  });
});

test("B26 nothing is produced after Content-Length has been reached", async () => {
  const body = new RecordedBody(latin1("01"), latin1("23"), latin1("marker"));
  const response = await answer(sized("4", () => body));
  expect(response).toMatchObject({ chunks: ["01", "23"], broken: false });
  expect(body.events).not.toContain("yield marker");
});

test("B27 a complete body that is too short is answered with 500, and logged", async () => {
  for (const body of [() => [hello()], () => [latin1("he"), latin1("llo")], () => text("hello")]) {
    const response = await answer(sized("10", body));
    expectInternalError(response);
    expect(response.lines).toEqual([
      expect.stringMatching(/^dram: GET \/x: ERR_CONTENT_LENGTH: .*5 bytes short/),
    ]);
  }
});

test("B27 a body that turns out too short breaks, and is logged", async () => {
  const response = await answer(sized("10", () => new RecordedBody(latin1("he"), latin1("llo"))));
  expect(response).toMatchObject({
    status: 200,
    headers: [["Content-Length", "10"]],
    body: "hello",
    broken: true,
    error: coded("ERR_CONTENT_LENGTH"),
    lines: [expect.stringMatching(/^dram: GET \/x: ERR_CONTENT_LENGTH: .*5 bytes short/)],
  });
});

test("B27 through toFetch a body that turns out too short breaks", async () => {
  const handle = toFetch(
    sized("10", () => new RecordedBody(hello())),
    { errors: new Log() },
  );
  const response = await handle(new Request("http://localhost/"));
  await expect(response.text()).rejects.toThrow();
});

test("S45 an empty generator with a Content-Length is answered with 500", async () => {
  const response = await answer(sized("10", () => new RecordedBody()));
  expectInternalError(response);
  expect(response.lines).toEqual([expect.stringContaining("ERR_CONTENT_LENGTH")]);
});

test("S46 a generator without Content-Length gets none", async () => {
  const response = await answer(answering(new RecordedBody(hello())));
  expect(response).toMatchObject({ headers: [], length: undefined, body: "hello" });
});

test.each([
  ["no chunk", [], 0],
  ["one chunk", [hello()], 5],
  ["two chunks", [latin1("he"), latin1("llo")], 5],
  ["an empty chunk", [EMPTY], 0],
])("S47 an array of %s has a length", async (_what, chunks, length) => {
  const { response } = start(answering(chunks));
  expect(response).toMatchObject({ headers: [], length });
});

test("S47 an array that is closed afterwards has a length", async () => {
  const body = Object.assign([latin1("he"), latin1("llo")], { close() {} });
  const response = await answer(answering(body));
  expect(response).toMatchObject({ headers: [["Content-Length", "5"]], length: 5, body: "hello" });
});

test("S47 an object with a length that is no array has none", async () => {
  const body = { length: 1, [Symbol.iterator]: () => [hello()][Symbol.iterator]() };
  const response = await answer(answering(body));
  expect(response).toMatchObject({ headers: [], length: undefined, body: "hello" });
});

test("B09 empty chunks are not sent, and do not end the body", async () => {
  const response = await answer(
    answering(new RecordedBody(EMPTY, EMPTY, latin1("x"), EMPTY, latin1("y"))),
  );
  expect(response).toMatchObject({ chunks: ["x", "y"], broken: false });
});

test.each([
  ["before the first byte", []],
  ["behind the first byte", ["x"]],
])("B09 empty chunks without end leave others their turn, %s", async (_where, chunks) => {
  let turned = false;
  // Bounded, for a test that fails must end.
  let left = 200_000;
  function* body(): Generator<Uint8Array> {
    yield* chunks.map(latin1);
    setTimeout(() => {
      turned = true;
    }, 0);
    for (; left > 0 && !turned; left--) {
      yield EMPTY;
    }
  }
  const response = await answer(answering(body()));
  expect(response).toMatchObject({ chunks, broken: false });
  expect({ turned, hasLeft: left > 0 }).toEqual({ turned: true, hasLeft: true });
});

// What is sent for each method, status, body and Content-Length that the application gave: the
// Content-Length among the headers, the length handed to the adapter, and the body.
const DECISIONS = `
GET  200 []        -   -   0   ""
GET  200 []        5   500
GET  200 [bytes]   -   -   5   "hello"
GET  200 [bytes]   5   5   5   "hello"
GET  200 text()    -   -   -   "hello"
GET  200 text()    5   5   5   "hello"
GET  200 generator -   -   -   "hello"
GET  200 generator 5   5   5   "hello"
GET  204 []        -   -   -   null
GET  204 []        5   -   -   null
GET  204 [bytes]   -   -   -   null
GET  204 [bytes]   5   -   -   null
GET  204 text()    -   -   -   null
GET  204 text()    5   -   -   null
GET  204 generator -   -   -   null
GET  204 generator 5   -   -   null
GET  205 []        -   -   -   null
GET  205 []        5   -   -   null
GET  205 [bytes]   -   -   -   null
GET  205 [bytes]   5   -   -   null
GET  205 text()    -   -   -   null
GET  205 text()    5   -   -   null
GET  205 generator -   -   -   null
GET  205 generator 5   -   -   null
GET  304 []        -   -   -   null
GET  304 []        5   5   5   null
GET  304 [bytes]   -   -   -   null
GET  304 [bytes]   5   5   5   null
GET  304 text()    -   -   -   null
GET  304 text()    5   5   5   null
GET  304 generator -   -   -   null
GET  304 generator 5   5   5   null
HEAD 200 []        -   -   -   null
HEAD 200 []        5   5   5   null
HEAD 200 [bytes]   -   5   5   null
HEAD 200 [bytes]   5   5   5   null
HEAD 200 text()    -   5   5   null
HEAD 200 text()    5   5   5   null
HEAD 200 generator -   -   -   null
HEAD 200 generator 5   5   5   null
HEAD 204 []        -   -   -   null
HEAD 204 []        5   -   -   null
HEAD 204 [bytes]   -   -   -   null
HEAD 204 [bytes]   5   -   -   null
HEAD 204 text()    -   -   -   null
HEAD 204 text()    5   -   -   null
HEAD 204 generator -   -   -   null
HEAD 204 generator 5   -   -   null
HEAD 205 []        -   -   -   null
HEAD 205 []        5   -   -   null
HEAD 205 [bytes]   -   -   -   null
HEAD 205 [bytes]   5   -   -   null
HEAD 205 text()    -   -   -   null
HEAD 205 text()    5   -   -   null
HEAD 205 generator -   -   -   null
HEAD 205 generator 5   -   -   null
HEAD 304 []        -   -   -   null
HEAD 304 []        5   5   5   null
HEAD 304 [bytes]   -   -   -   null
HEAD 304 [bytes]   5   5   5   null
HEAD 304 text()    -   -   -   null
HEAD 304 text()    5   5   5   null
HEAD 304 generator -   -   -   null
HEAD 304 generator 5   5   5   null
`;

const BODIES: Record<string, () => Body> = {
  "[]": () => [],
  "[bytes]": () => [hello()],
  "text()": () => text("hello"),
  generator: () => new RecordedBody(latin1("he"), latin1("llo")),
};

const rows = DECISIONS.trim()
  .split("\n")
  .map((row) => row.split(/ +/));

test("\u00a71.7 the table has a row for each of 2 methods, 4 statuses, 4 bodies, 2 lengths", () => {
  expect(new Set(rows.map((row) => row.slice(0, 4).join(" "))).size).toBe(64);
});

test.each(rows)(
  "\u00a71.7 %s %s %s with Content-Length %s",
  async (method = "", status = "", body = "", given = "", ...expected) => {
    const response = await answer(
      (_environ, startResponse) => {
        startResponse(`${status} Reason`, [
          ["ETag", '"x"'],
          ...(given === "-" ? [] : [["Content-Length", given] satisfies [string, string]]),
        ]);
        return BODIES[body]?.() ?? [];
      },
      { method },
    );
    const [contentLength = "", length, content = ""] = expected;
    if (contentLength === "500") {
      expectInternalError(response);
      return;
    }
    expect(response).toMatchObject({
      status: Number(status),
      reason: "Reason",
      headers: [
        ["ETag", '"x"'],
        ...(contentLength === "-" ? [] : [["Content-Length", contentLength]]),
      ],
      length: length === "-" ? undefined : Number(length),
      body: JSON.parse(content),
      broken: false,
    });
  },
);

test("\u00a71.7 HEAD of an empty array, with close or not, gets no Content-Length", async () => {
  for (const body of [[], Object.assign([], { close() {} })]) {
    const response = await answer(answering(body), { method: "HEAD" });
    expect(response).toMatchObject({ status: 200, headers: [], body: null });
  }
});

test("\u00a71.7 HEAD of an array with close gets the length of GET", async () => {
  const body = Object.assign([latin1("he"), latin1("llo")], { close() {} });
  const response = await answer(answering(body), { method: "HEAD" });
  expect(response).toMatchObject({ headers: [["Content-Length", "5"]], body: null });
});

test("R17 HEAD keeps a Content-Length that the body does not have", async () => {
  const response = await answer(
    sized("12345", () => []),
    { method: "HEAD" },
  );
  expect(response).toMatchObject({
    status: 200,
    headers: [["Content-Length", "12345"]],
    body: null,
    lines: [],
  });
});

test("R14 dropping the bytes of a 204 is logged in one line", async () => {
  for (const body of [[latin1("z"), latin1("z")], text("zz")]) {
    const { lines } = await answer((_environ, startResponse) => {
      startResponse("204 No Content", []);
      return body;
    });
    expect(lines).toEqual([expect.stringMatching(/^dram: GET \/x: [^\n]*204[^\n]*\n$/)]);
  }
});

test("R18 leaving out the bytes of a HEAD is no fault", async () => {
  for (const status of ["200 OK", "204 No Content", "304 Not Modified"]) {
    const { lines } = await answer(
      (_environ, startResponse) => {
        startResponse(status, []);
        return [latin1("zz")];
      },
      { method: "HEAD" },
    );
    expect(lines).toEqual([]);
  }
});

test.each([
  ["HEAD", "200 OK"],
  ["GET", "204 No Content"],
  ["GET", "205 Reset Content"],
  ["GET", "304 Not Modified"],
])("\u00a71.7 %s with %s is a Response without a body", async (method, status) => {
  for (const body of [() => [hello()], () => text("hello"), () => new RecordedBody(hello())]) {
    const handle = toFetch(
      (_environ, startResponse) => {
        startResponse(status, []);
        return body();
      },
      { errors: new Log() },
    );
    const response = await handle(new Request("http://localhost/", { method }));
    expect(response.status).toBe(Number(status.slice(0, 3)));
    expect(response.body).toBe(null);
  }
});

test("S52 native strings hold bytes", async () => {
  let seen: unknown[] = [];
  await answer(
    (environ, startResponse) => {
      seen = [environ.PATH_INFO, environ.HTTP_X_A];
      return ok(startResponse);
    },
    { target: "/caf%C3%A9", headers: { "X-A": "caf\u00e9" } },
  );
  expect(seen).toEqual(["/caf\u00c3\u00a9", "caf\u00e9"]);
});

test.each([
  ["a Buffer", Buffer.from("hello")],
  ["a part of a larger buffer", latin1("<hello>").subarray(1, 6)],
  ["a Uint8Array of another realm", runInNewContext("Uint8Array.of(104, 101, 108, 108, 111)")],
  ["bytes over shared memory", sharedHello()],
])("S54 %s is a chunk", async (_what, chunk) => {
  expect(await answer(answering([chunk]))).toMatchObject({ length: 5, body: "hello" });
  expect(await answer(answering(new RecordedBody(() => chunk)))).toMatchObject({ status: 200 });
  const response = await toFetch(answering([chunk]))(new Request("http://localhost/"));
  expect(await response.text()).toBe("hello");
});

test.each([
  ["a number", 5],
  ["undefined", undefined],
  ["null", null],
  ["a string", "application"],
  ["an Object", { fetch() {} }],
])("S1 %s in place of the application is answered with 500", async (what, application) => {
  const response = await answer(anything(application));
  expectInternalError(response);
  expect(response.lines).toEqual([
    `dram: GET /x: ERR_APPLICATION: the application is ${what}; wanted a function (environ, startResponse)\n`,
  ]);
});

test("S1 a class in place of the application is answered with 500", async () => {
  const response = await answer(anything(class {}));
  expectInternalError(response);
  expect(response.lines).toEqual([expect.stringMatching(/^dram: GET \/x: TypeError: .*\n$/)]);
});

test.each([
  ["undefined", undefined, /return \[\]/],
  ["null", null, /return \[\]/],
  ["a boolean", false, /return \[\]/],
  ["a string", "hello", /return text\(string\)/],
  ["a Uint8Array", hello(), /\[bytes\]/],
  ["a Uint8Array", Buffer.from("hello"), /\[bytes\]/],
  ["an ArrayBuffer", new ArrayBuffer(5), /\[bytes\]/],
  ["a DataView", new DataView(new ArrayBuffer(5)), /\[bytes\]/],
  ["a number", 5, /iterable/],
  ["a Response", new Response("hello"), /startResponse/],
  ["an Object", { status: 200 }, /iterable/],
  ["a function", () => {}, /iterable/],
  ["a Blob", new Blob(["hello"]), /iterable/],
])(
  "B32 an application that returns %s is answered with 500, and the log tells what to do",
  async (what, returned, fix) => {
    for (const application of [() => returned, async () => returned]) {
      const response = await answer(
        untyped((_environ, startResponse) => {
          startResponse("200 OK", [["X-A", "1"]]);
          return application();
        }),
      );
      expectInternalError(response);
      const [line = ""] = response.lines;
      expect(line).toContain(`dram: GET /x: ERR_BODY_TYPE: the application returned ${what}; `);
      expect(line).toMatch(fix);
    }
  },
);

test.each([
  ["a string", "hello", /text\(string\)/],
  ["a Promise", Promise.resolve(hello()), /await it/],
  ["an ArrayBuffer", new ArrayBuffer(5), /new Uint8Array\(buffer\)/],
  ["a number", 104, /Uint8Array/],
  ["null", null, /Uint8Array/],
  ["undefined", undefined, /Uint8Array/],
  ["an Array", [104], /Uint8Array/],
  ["a Uint16Array", new Uint16Array(1), /Uint8Array/],
  ["a Uint8ClampedArray", new Uint8ClampedArray(1), /Uint8Array/],
])(
  "B32 %s for a chunk is answered with 500, and the log tells what to do",
  async (what, chunk, fix) => {
    const bodies: [string, () => unknown][] = [
      ["array", () => [hello(), chunk]],
      ["array with close", () => Object.assign([chunk], { close() {} })],
      [
        "generator",
        function* () {
          yield chunk;
        },
      ],
    ];
    for (const [form, body] of bodies) {
      const response = await answer(
        untyped((_environ, startResponse) => {
          startResponse("200 OK", [["X-A", "1"]]);
          return body();
        }),
      );
      expectInternalError(response);
      const [line = ""] = response.lines;
      expect(line, form).toContain(
        `dram: GET /x: ERR_CHUNK_TYPE: the application produced ${what} where`,
      );
      expect(line, form).toMatch(fix);
    }
  },
);

test.each([
  ["an array", () => [Promise.reject(new Error("SECRET"))]],
  [
    "a generator",
    function* () {
      yield Promise.reject(new Error("SECRET"));
    },
  ],
])("T15 a promise for a chunk of %s that rejects is not left unhandled", async (_form, body) => {
  const application = untyped((_environ, startResponse) => {
    startResponse("200 OK", []);
    return body();
  });
  expect(await unhandledRejectionsOf(() => answer(application))).toEqual([]);
});

test("B32 a hole in an array is answered with 500", async () => {
  const response = await answer(answering(Array(1)));
  expectInternalError(response);
  expect(response.lines).toEqual([expect.stringContaining("ERR_CHUNK_TYPE")]);
});

test("B32 a string for a chunk after others breaks the body", async () => {
  const response = await answer(answering(new RecordedBody(hello(), () => undefined, hello())));
  expect(response.chunks).toEqual(["hello", "hello"]);
  const broken = await answer(
    untyped(async function* (_environ, startResponse) {
      startResponse("200 OK", []);
      yield hello();
      yield "a string";
    }),
  );
  expect(broken).toMatchObject({
    chunks: ["hello"],
    broken: true,
    error: coded("ERR_CHUNK_TYPE"),
    lines: [expect.stringContaining("text(string)")],
  });
});

test.each([
  ["[]", () => []],
  ["[bytes]", () => [hello()]],
  ["text()", () => text("hello")],
  ["a generator", () => new RecordedBody(hello())],
  ["an empty generator", () => new RecordedBody()],
] satisfies [string, () => Body][])(
  "B16 an application that never calls startResponse, and returns %s, is answered with 500",
  async (_what, body) => {
    for (const method of ["GET", "HEAD"]) {
      const response = await answer(() => body(), { method });
      expect(response).toMatchObject({
        status: 500,
        body: method === "HEAD" ? null : "Internal Server Error\n",
        lines: [expect.stringMatching(/ERR_NOT_STARTED: .*startResponse\(status, headers\)\n$/)],
      });
    }
  },
);

test.each([
  ["throws", throwing],
  ["rejects", async () => throwing()],
  [
    "fails after startResponse",
    (_environ, startResponse) => {
      startResponse("200 OK", [["X-A", "1"]]);
      return throwing();
    },
  ],
  [
    "fails in its first step",
    function* (_environ, startResponse) {
      startResponse("200 OK", [["X-A", "1"]]);
      yield throwing();
    },
  ],
  [
    "fails after an empty chunk",
    function* (_environ, startResponse) {
      startResponse("200 OK", [["X-A", "1"]]);
      yield EMPTY;
      throwing();
    },
  ],
] satisfies [string, Application][])(
  "B17 an application that %s is answered with 500, its words only in the log",
  async (_how, application) => {
    const response = await answer(application);
    expectInternalError(response);
    expect(response.lines).toEqual([
      expect.stringMatching(/^dram: GET \/x: Error: oops \| at [^\n]+\n$/),
    ]);
  },
);

test("B17 an error page has no body for HEAD", async () => {
  expect(await answer(throwing, { method: "HEAD" })).toMatchObject({ status: 500, body: null });
});

test("B19 an error after the first chunk breaks the body, without a word appended", async () => {
  const error = new Error("SECRET");
  const response = await answer(async function* (_environ, startResponse) {
    startResponse("200 OK", [["Content-Type", "text/plain"]]);
    yield latin1("part");
    throw error;
  });
  expect(response).toMatchObject({
    status: 200,
    chunks: ["part"],
    broken: true,
    lines: [expect.stringMatching(/^dram: GET \/x: Error: SECRET \| [^\n]+\n$/)],
  });
  expect(response.error).toBe(error);
});

test("B19 through toFetch an error after the first chunk breaks the body", async () => {
  const handle = toFetch(answering(new RecordedBody(latin1("part"), throwing)), {
    errors: new Log(),
  });
  const response = await handle(new Request("http://localhost/"));
  const reader = response.body?.getReader();
  expect((await reader?.read())?.value).toEqual(latin1("part"));
  await expect(reader?.read()).rejects.toThrow();
});

test("S55 no failure of an application is left unhandled", async () => {
  const applications: Application[] = [
    async () => throwing(),
    answering(new RecordedBody(throwing)),
    answering(new RecordedBody(hello(), throwing)),
    async (_environ, startResponse) => {
      startResponse("200 OK", [])(hello());
      return throwing();
    },
  ];
  for (const application of applications) {
    expect(await unhandledRejectionsOf(() => answer(application))).toEqual([]);
  }
});

test.each([
  ["null", null, "null was thrown"],
  ["undefined", undefined, "undefined was thrown"],
  ["a string", "SECRET", "a string was thrown: SECRET"],
  ["a symbol", Symbol("SECRET"), "a symbol was thrown: Symbol(SECRET)"],
  ["a bigint", 5n, "a bigint was thrown: 5"],
  ["an object that inherits nothing", Object.create(null), "thrown"],
  ["an object whose properties throw", hostile(), "thrown"],
  ["an Error whose message throws", hostileError("message"), "thrown"],
  ["an Error whose stack throws", hostileError("stack"), "thrown"],
  ["an Error whose cause throws", hostileError("cause"), "thrown"],
  [
    "an Error without a stack",
    Object.assign(new Error("SECRET"), { stack: undefined }),
    "Error: SECRET",
  ],
  ["an Error whose stack is no string", Object.assign(new Error("SECRET"), { stack: 5 }), "thrown"],
  ["a Proxy that throws at every touch", untouchable(), "thrown"],
  ["a revoked Proxy", revoked(), "thrown"],
])(
  "T15 %s that is thrown is answered with 500 and told in one line",
  async (_what, thrown, told) => {
    const throwIt = (): never => {
      throw thrown;
    };
    for (const application of [
      throwIt,
      async () => throwIt(),
      answering(new RecordedBody(throwIt)),
    ]) {
      const response = await answer(application);
      expectInternalError(response);
      expect(response.lines[0]).toContain(told);
    }
  },
);

test.each([
  ["a Proxy that throws at every touch", untouchable],
  ["a revoked Proxy", revoked],
  [
    "an array behind a Proxy that throws",
    () =>
      new Proxy([hello()], {
        has() {
          throw new Error("SECRET");
        },
      }),
  ],
  [
    "an object whose then throws",
    () => ({
      // biome-ignore lint/suspicious/noThenProperty: this is what it is about.
      get then() {
        throw new Error("SECRET");
      },
    }),
  ],
])("T15 an application that returns %s is answered with 500", async (_what, make) => {
  const application = untyped((_environ, startResponse) => {
    startResponse("200 OK", []);
    return make();
  });
  const response = await answer(application);
  expectInternalError(response);
});

test("T15 an application that resolves to an array behind a Proxy that throws is answered with 500", async () => {
  let settled = false;
  const unhandled = await unhandledRejectionsOf(() => {
    const { response } = start(async (_environ, startResponse) => {
      startResponse("200 OK", []);
      return new Proxy([hello()], {
        has() {
          throw new Error("SECRET");
        },
      });
    });
    Promise.resolve(response).then(({ status }) => {
      settled = status === 500;
    });
  });
  expect(unhandled).toEqual([]);
  expect(settled).toBe(true);
});

test.each([
  ["null", null],
  ["undefined", undefined],
  ["an object whose properties throw", hostile()],
  ["a Proxy that throws at every touch", untouchable()],
  ["a revoked Proxy", revoked()],
])("T15 %s that is thrown mid-stream breaks the body and is logged", async (_what, thrown) => {
  const response = await answer(
    answering(
      new RecordedBody(hello(), () => {
        throw thrown;
      }),
    ),
  );
  expect(response).toMatchObject({
    status: 200,
    chunks: ["hello"],
    broken: true,
    lines: [expect.stringMatching(/^dram: GET \/x: [^\n]*thrown[^\n]*\n$/)],
  });
});

test.each([
  ["a line feed", "a\nb"],
  ["CR LF", "a\r\ndram: GET /forged: ok"],
  ["a line separator of Unicode", "a\u2028b\u2029c\u0085d"],
  ["an escape sequence", "a\x1b[2Jb\x9b31m"],
  ["NUL", "a\0b"],
  ["a lone surrogate", "a\ud800b"],
])("T15 a message with %s stays one line of printable ASCII", async (_what, message) => {
  for (const error of [
    new Error(message),
    new DramError("ERR_JSON", message),
    message,
    { toString: () => message },
  ]) {
    const { lines } = await answer(() => {
      throw error;
    });
    expect(lines).toEqual([expect.stringMatching(/^dram: GET \/x: [\x20-\x7e]+\n$/)]);
  }
});

test("T15 the causes of an error are in its line", async () => {
  const { lines } = await answer(() => {
    throw new Error("outer", { cause: new Error("middle", { cause: "inner" }) });
  });
  expect(lines).toEqual([
    expect.stringMatching(/outer.*caused by.*middle.*caused by.*inner[^\n]*\n$/),
  ]);
});

test("T15 an error that is its own cause makes a line of a sane length", async () => {
  const error = new Error("SECRET");
  error.cause = error;
  const { lines } = await answer(() => {
    throw error;
  });
  expect(lines).toEqual([expect.stringContaining("SECRET")]);
  expect(lines[0]?.length).toBeLessThan(100_000);
});

test("T15 a line names the request and its id", async () => {
  const { lines } = await answer(throwing, {
    method: "POST",
    target: "/a%0Ab?c=d",
    options: { environ: { "dram.request_id": "id\n1" } },
  });
  expect(lines).toEqual([
    expect.stringMatching(/^dram: POST \/a%0Ab\?c=d \(request "id\\n1"\): Error: oops [^\n]*\n$/),
  ]);
});

test("T15 a request id of any type is no fault", async () => {
  for (const id of [5, null, Symbol("id"), Object.create(null), hostile()]) {
    const response = await answer(throwing, { options: { environ: { "dram.request_id": id } } });
    expectInternalError(response);
  }
});

test("T15 the gateway's line is not joined to one that the application left unfinished", async () => {
  const { lines } = await answer((environ) => {
    environ["wsgi.errors"].write("unfinished");
    return throwing();
  });
  expect(lines).toEqual(["unfinished\n", expect.stringMatching(/^dram: GET \/x: Error: oops/)]);
});

test("S30 a line that the application left unfinished is sent at the end", async () => {
  const { lines } = await answer((environ, startResponse) => {
    environ["wsgi.errors"].write("unfinished");
    return ok(startResponse);
  });
  expect(lines).toEqual(["unfinished\n"]);
});

test.each([
  ["ERR_APPLICATION", "application", 500],
  ["ERR_BODY_TYPE", "application", 500],
  ["ERR_CHUNK_TYPE", "application", 500],
  ["ERR_CLOSED", "application", 500],
  ["ERR_CLOSE_TIMEOUT", "application", 500],
  ["ERR_CONTENT_LENGTH", "application", 500],
  ["ERR_HEADERS", "application", 500],
  ["ERR_HEADER_NAME", "application", 500],
  ["ERR_HEADER_VALUE", "application", 500],
  ["ERR_HOP_BY_HOP", "application", 500],
  ["ERR_JSON", "application", 500],
  ["ERR_NOT_STARTED", "application", 500],
  ["ERR_READ_SIZE", "application", 500],
  ["ERR_STARTED_TWICE", "application", 500],
  ["ERR_STATUS", "application", 500],
  ["ERR_BODY_TOO_LARGE", "client", 413],
  ["ERR_CLIENT_DISCONNECTED", "client", 400],
  ["ERR_FRAMING", "client", 400],
  ["ERR_HOST", "client", 400],
  ["ERR_METHOD", "client", 400],
  ["ERR_NOT_MOUNTED", "client", 404],
  ["ERR_REQUEST_HEADER", "client", 400],
  ["ERR_REQUEST_HEADERS_TOO_LARGE", "client", 431],
  ["ERR_TARGET", "client", 400],
  ["ERR_ABORTED", "gateway", 503],
  ["ERR_OPTION", "gateway", 500],
] satisfies [ErrorCode, string, number][])(
  "%s blames the %s and is answered with %i",
  async (code, blame, status) => {
    const cause = new Error("cause");
    const error = new DramError(code, "message", { cause });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: "DramError",
      message: "message",
      code,
      blame,
      status,
      cause,
    });
    const response = await answer(() => {
      throw error;
    });
    expect(response.status).toBe(status);
    expect(response.body?.includes("message")).toBe(blame === "client");
  },
);

test("S55 a body over maxBodySize that the application does not catch is answered with 413", async () => {
  const response = await answer(
    async (environ, startResponse) => {
      startResponse("200 OK", [["X-A", "1"]]);
      return [await environ["wsgi.input"].read()];
    },
    { method: "POST", body: ["abc", "def"], options: { maxBodySize: 5 } },
  );
  expect(response).toMatchObject({
    status: 413,
    reason: "Content Too Large",
    headers: [
      ["Content-Type", "text/plain; charset=utf-8"],
      ["X-Content-Type-Options", "nosniff"],
    ],
    body: "Content Too Large: the request body is over maxBodySize, 5 bytes\n",
    lines: [expect.stringContaining("ERR_BODY_TOO_LARGE")],
  });
});

test("S55 a body over maxBodySize in the middle of the response breaks it", async () => {
  const response = await answer(
    async function* (environ, startResponse) {
      startResponse("200 OK", []);
      yield hello();
      yield await environ["wsgi.input"].read();
    },
    { method: "POST", body: ["abc", "def"], options: { maxBodySize: 5 } },
  );
  expect(response).toMatchObject({
    status: 200,
    chunks: ["hello"],
    broken: true,
    error: coded("ERR_BODY_TOO_LARGE"),
  });
});

test("S55 a client's fault has no body for HEAD", async () => {
  const response = await answer(
    () => {
      throw new DramError("ERR_TARGET", "message");
    },
    { method: "HEAD" },
  );
  expect(response).toMatchObject({ status: 400, body: null });
});

test("S55 an error of dram's that a client did not cause keeps its message in the log", async () => {
  const response = await answer(() => {
    throw new DramError("ERR_JSON", "SECRET");
  });
  expectInternalError(response);
  expect(response.lines).toEqual(["dram: GET /x: ERR_JSON: SECRET\n"]);
});

test.each([
  ["127.0.0.1", "localhost"],
  ["127.0.0.1", "localhost:8000"],
  ["127.0.0.1", "LOCALHOST"],
  ["127.1.2.3", "127.0.0.1:8000"],
  ["::1", "[::1]:8000"],
  ["::ffff:127.0.0.1", "localhost"],
])("debug shows the error to %s that asked for %s", async (address, host) => {
  const { status, headers, body } = await answer(throwing, debugging(address, host));
  expect(status).toBe(500);
  expect(headers).toEqual([
    ["Content-Type", "text/plain; charset=utf-8"],
    ["X-Content-Type-Options", "nosniff"],
  ]);
  expect(body).toMatch(/^Internal Server Error: Error: oops\n {4}at /);
});

test.each([
  ["10.0.0.1", "localhost"],
  ["127.0.0.1", "evil.example"],
  ["127.0.0.1", "localhost.evil.example"],
  ["127.0.0.1", "127.0.0.1.evil.example"],
  ["127.0.0.1", "evil.example:8000"],
  ["127.0.0.1.evil.example", "localhost"],
  ["1127.0.0.1", "localhost"],
  ["::2", "[::1]"],
  ["", "localhost"],
])("debug shows nothing to %j that asked for %s", async (address, host) => {
  expectInternalError(await answer(throwing, debugging(address, host)));
});

test("debug shows nothing without a Host", async () => {
  const { options } = debugging("127.0.0.1", "localhost");
  expectInternalError(await answer(throwing, { options: options ?? {} }));
});

test("debug shows nothing without a peer's address", async () => {
  const asked = { headers: { Host: "localhost" }, options: { debug: true } };
  expectInternalError(await answer(throwing, asked));
});

test("debug is off by default", async () => {
  const asked = debugging("127.0.0.1", "localhost");
  asked.options = { environ: { REMOTE_ADDR: "127.0.0.1" } };
  expectInternalError(await answer(throwing, asked));
});

test("debug goes by the request, not by what the application made of environ", async () => {
  const response = await answer(
    (environ) => {
      environ.REMOTE_ADDR = "127.0.0.1";
      environ.HTTP_HOST = "localhost";
      return throwing();
    },
    debugging("10.0.0.1", "evil.example"),
  );
  expectInternalError(response);
});

test("debug shows nothing of a hostile value that was thrown", async () => {
  for (const thrown of [null, hostile(), untouchable(), revoked()]) {
    const { status, body } = await answer(
      () => {
        throw thrown;
      },
      debugging("127.0.0.1", "localhost"),
    );
    expect(status).toBe(500);
    expect(body).toMatch(/^Internal Server Error: .*thrown/);
  }
});

function ok(startResponse: StartResponse): Uint8Array[] {
  startResponse("200 OK", []);
  return [hello()];
}

/** An application that announces a length. */
function sized(length: string, body: () => Body): Application {
  return (_environ, startResponse) => {
    startResponse("200 OK", [["Content-Length", length]]);
    return body();
  };
}

function throwing(): never {
  throw new Error("oops");
}

function debugging(address: string, host: string): Incoming {
  return {
    headers: { Host: host },
    options: { debug: true, environ: { REMOTE_ADDR: address } },
  };
}

function wipe(object: object): void {
  for (const key of Reflect.ownKeys(object)) {
    Reflect.deleteProperty(object, key);
  }
}

function sharedHello(): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(5));
  shared.set(hello());
  return shared;
}

/** An object all of whose properties throw. */
function hostile(): object {
  return {
    get message() {
      throw new Error("1");
    },
    get stack() {
      throw new Error("2");
    },
    toString() {
      throw new Error("3");
    },
  };
}

function hostileError(property: string): Error {
  return Object.defineProperty(new Error("SECRET"), property, {
    get() {
      throw new Error("4");
    },
  });
}

function untouchable(): object {
  const refuse = (): never => {
    throw new Error("5");
  };
  return new Proxy({}, { get: refuse, has: refuse, getPrototypeOf: refuse, ownKeys: refuse });
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** The 500 page and exactly one line in the log. */
function expectInternalError(response: Answer): void {
  expect(response).toMatchObject({
    status: 500,
    reason: "Internal Server Error",
    headers: [
      ["Content-Type", "text/plain; charset=utf-8"],
      ["X-Content-Type-Options", "nosniff"],
    ],
    body: "Internal Server Error\n",
    broken: false,
    lines: [expect.stringMatching(/^dram: GET \/x[^\n]*: [\x20-\x7e]+\n$/)],
  });
}
