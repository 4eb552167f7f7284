import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { DramError, type HeaderList, type StartResponse, text } from "dram";
import { expect, test } from "vitest";
import { answer, next, start, streamOf, thrownBy, untyped } from "./exchangehelpers.ts";
import { coded, idle, latin1 } from "./helpers.ts";

const INTERNAL = "Internal Server Error\n";

test("S7 startResponse returns write, also when it is called again with an error", async () => {
  const returned: unknown[] = [];
  await answer((_environ, startResponse) => {
    returned.push(startResponse("200 OK", []), startResponse("500 Oops", [], new Error("late")));
    return [];
  });
  expect(returned).toEqual([expect.any(Function), expect.any(Function)]);
});

test("S7 startResponse works detached from any object", async () => {
  const { status, headers } = await answer((_environ, startResponse) => {
    const detached = startResponse;
    detached.call({ other: "object" }, "201 Created", [["X-A", "1"]]);
    return [];
  });
  expect(status).toBe(201);
  expect(headers).toEqual([["X-A", "1"]]);
});

test("S7 write works detached from any object", async () => {
  const { body } = await answer((_environ, startResponse) => {
    const detached = startResponse("200 OK", []);
    detached.call({ other: "object" }, latin1("a"));
    return [];
  });
  expect(body).toBe("a");
});

test.each([
  ["200 OK", 200, "OK"],
  ["200 Froody", 200, "Froody"],
  ["404 Not Found", 404, "Not Found"],
  ["200 ", 200, ""],
  ["599 Caf\u00e9 \u00ff", 599, "Caf\u00e9 \u00ff"],
  ["200  two spaces", 200, " two spaces"],
])("S32 takes the status %j", async (line, status, reason) => {
  const response = await answer((_environ, startResponse) => {
    startResponse(line, []);
    return [];
  });
  expect(response).toMatchObject({ status, reason, lines: [] });
});

test.each([
  ["200"],
  [""],
  ["20X OK"],
  ["200OK"],
  [" 200 OK"],
  ["0200 OK"],
  ["2e2 OK"],
  ["200\tOK"],
  ["200\u00a0OK"],
  ["OK 200"],
  ["100 Continue"],
  ["101 Switching Protocols"],
  ["199 Early"],
  ["600 Beyond"],
  ["999 Beyond"],
  ["200 OK\r\n"],
  ["200 OK\r\nX-Evil: 1"],
  ["200 OK\n"],
  ["200 O\0K"],
  ["200 O\tK"],
  ["200 O\x7fK"],
  ["200 O\u2028K"],
  ["\uff12\uff10\uff10 OK"],
])("S32 refuses the status %j", async (status) => {
  let thrown: unknown;
  const response = await answer((_environ, startResponse) => {
    thrown = thrownBy(() => startResponse(status, [["X-A", "1"]]));
    throw thrown;
  });
  expect(thrown).toEqual(coded("ERR_STATUS"));
  expectRefused(response);
});

test.each([
  ["a number", 200],
  ["a bigint", 200n],
  ["undefined", undefined],
  ["null", null],
  ["an array", ["200 OK"]],
  ["an object with toString", { toString: () => "200 OK" }],
  ["a symbol", Symbol("200 OK")],
])("S32 refuses %s for a status", async (_what, status) => {
  let thrown: unknown;
  const response = await answer(
    untyped((_environ, startResponse) => {
      thrown = thrownBy(() => startResponse(status, [["X-A", "1"]]));
      throw thrown;
    }),
  );
  expect(thrown).toEqual(coded("ERR_STATUS"));
  expectRefused(response);
});

test("S53 refuses a status with a code point above U+00FF", async () => {
  let thrown: unknown;
  const response = await answer((_environ, startResponse) => {
    thrown = thrownBy(() => startResponse("200 \u0142", []));
    throw thrown;
  });
  expect(thrown).toEqual(coded("ERR_STATUS"));
  expectRefused(response);
});

test.each([
  ["an object", { "X-A": "1" }],
  ["a Map", new Map([["X-A", "1"]])],
  ["Headers", new Headers({ "X-A": "1" })],
  ["a string", "X-A: 1"],
  ["null", null],
  ["undefined", undefined],
  ["a list-like object", { length: 1, 0: ["X-A", "1"] }],
  ["a pair of one", [["X-A"]]],
  ["a pair of three", [["X-A", "1", "2"]]],
  ["a pair that is a string", ["X-A: 1"]],
  ["a pair that is an object", [{ name: "X-A", value: "1" }]],
  ["a pair that is null", [null]],
  ["a hole", Array(1)],
])("S33 refuses headers with %s for the list or a pair", async (_what, headers) => {
  let thrown: unknown;
  const response = await answer(
    untyped((_environ, startResponse) => {
      thrown = thrownBy(() => startResponse("200 OK", headers));
      throw thrown;
    }),
  );
  expect(thrown).toEqual(coded("ERR_HEADERS"));
  expectRefused(response);
});

test("S33 changing the list afterwards changes nothing", async () => {
  const { headers } = await answer((_environ, startResponse) => {
    const list: HeaderList = [["X-A", "1"]];
    startResponse("200 OK", list);
    list.push(["X-Evil", "a\r\nb: c"]);
    return [];
  });
  expect(headers).toEqual([["X-A", "1"]]);
});

test("S33 changing a pair afterwards changes nothing", async () => {
  const { headers } = await answer((_environ, startResponse) => {
    const pair: [string, string] = ["X-A", "1"];
    startResponse("200 OK", [pair]);
    pair[0] = "X-Evil";
    pair[1] = "a\r\nb: c";
    return [];
  });
  expect(headers).toEqual([["X-A", "1"]]);
});

test("S33 a list that two requests share is answered alike and stays as it was", async () => {
  const shared: HeaderList = [["X-A", "1"]];
  const application = (_environ: unknown, startResponse: StartResponse) => {
    startResponse("200 OK", shared);
    return Object.assign([latin1("hello")], { close() {} });
  };
  const first = await answer(application);
  const second = await answer(application);
  expect(first.headers).toEqual([
    ["X-A", "1"],
    ["Content-Length", "5"],
  ]);
  expect(second.headers).toEqual(first.headers);
  expect(shared).toEqual([["X-A", "1"]]);
});

test("S35 names, order and duplicates arrive as they were given", async () => {
  const list: HeaderList = [
    ["Set-Cookie", "a=1; Expires=Wed, 09 Jun 2027 00:00:00 GMT"],
    ["X-MiXed", "foo"],
    ["set-cookie", "b=2"],
    ["X-Mixed", "bar, baz"],
    ["X-Empty", ""],
    ["X-Lat", "caf\u00e9"],
    ["X-Tab", "a\tb"],
    ["!#$%&'*+-.^_`|~09azAZ", "1"],
  ];
  const { status, headers } = await answer((_environ, startResponse) => {
    startResponse("200 OK", list);
    return [];
  });
  expect(status).toBe(200);
  expect(headers).toEqual(list);
});

test("S35 finds Content-Length whatever its case", async () => {
  const { body, headers } = await answer((_environ, startResponse) => {
    startResponse("200 OK", [["cONTENT-lENGTH", "3"]]);
    return [latin1("12345")];
  });
  expect(body).toBe("123");
  expect(headers).toEqual([["cONTENT-lENGTH", "3"]]);
});

test("R21 a hundred headers and one of 8 KiB arrive", async () => {
  const list: HeaderList = Array.from({ length: 100 }, (_, index) => [`X-${index}`, "v"]);
  list.push(["X-Long", "v".repeat(8192)]);
  const { headers } = await answer((_environ, startResponse) => {
    startResponse("200 OK", list);
    return [];
  });
  expect(headers).toEqual(list);
});

test.each([
  ["Connection"],
  ["connection"],
  ["CONNECTION"],
  ["Keep-Alive"],
  ["Proxy-Authenticate"],
  ["Proxy-Authorization"],
  ["Proxy-Connection"],
  ["TE"],
  ["te"],
  ["Trailer"],
  ["Trailers"],
  ["Transfer-Encoding"],
  ["tRANSFER-eNCODING"],
  ["Upgrade"],
])("S36 refuses the hop-by-hop header %s", async (name) => {
  let thrown: unknown;
  const response = await answer((_environ, startResponse) => {
    thrown = thrownBy(() =>
      startResponse("200 OK", [
        ["X-A", "1"],
        [name, "chunked"],
      ]),
    );
    throw thrown;
  });
  expect(thrown).toEqual(coded("ERR_HOP_BY_HOP"));
  expectRefused(response);
});

test("S36 strips hop-by-hop headers if the deployer says so, and only those", async () => {
  const { status, headers, body } = await answer(
    (_environ, startResponse) => {
      startResponse("200 OK", [
        ["Connection", "X-Secret"],
        ["X-A", "1"],
        ["keep-alive", "timeout=9"],
        ["Transfer-Encoding", "chunked"],
        ["Content-Length", "2"],
        ["Upgrade", "h2c"],
        ["Proxy-Authenticate", "x"],
        ["Trailer", "X-T"],
        ["TE", "trailers"],
      ]);
      return [latin1("ok")];
    },
    { options: { hopByHop: "strip" } },
  );
  expect({ status, headers, body }).toEqual({
    status: 200,
    headers: [
      ["X-A", "1"],
      ["Content-Length", "2"],
    ],
    body: "ok",
  });
});

test("S36 checks the value even of a header that is stripped", async () => {
  let thrown: unknown;
  await answer(
    (_environ, startResponse) => {
      thrown = thrownBy(() => startResponse("200 OK", [["Connection", "a\r\nX-Evil: 1"]]));
      return [];
    },
    { options: { hopByHop: "strip" } },
  );
  expect(thrown).toEqual(coded("ERR_HEADER_VALUE"));
});

test.each([
  [""],
  ["A:"],
  [":status"],
  ["X A"],
  ["X\tA"],
  [" X-A"],
  ["X-A "],
  ["X-A\r\nX-Evil"],
  ["X-A\n"],
  ["X\0A"],
  ["X\x7fA"],
  ["X(A)"],
  ["X/A"],
  ['X"A"'],
  ["X,A"],
  ["X;A"],
  ["X=A"],
  ["X@A"],
  ["X[A]"],
  ["X{A}"],
  ["Caf\u00e9"],
  ["Content-\u212aength"],
  ["\u017fet-Cookie"],
  ["Status"],
  ["status"],
])("S37 refuses the header name %j", async (name) => {
  let thrown: unknown;
  const response = await answer((_environ, startResponse) => {
    thrown = thrownBy(() => startResponse("200 OK", [[name, "1"]]));
    throw thrown;
  });
  expect(thrown).toEqual(coded("ERR_HEADER_NAME"));
  expectRefused(response);
});

test.each([
  ["a number", 1],
  ["null", null],
  ["a symbol", Symbol("X-A")],
  ["an array", ["X-A"]],
])("S37 refuses %s for a header name", async (_what, name) => {
  let thrown: unknown;
  const response = await answer(
    untyped((_environ, startResponse) => {
      thrown = thrownBy(() => startResponse("200 OK", [[name, "1"]]));
      throw thrown;
    }),
  );
  expect(thrown).toEqual(coded("ERR_HEADER_NAME"));
  expectRefused(response);
});

test.each([
  ["a\r\nX-Evil: 1"],
  ["a\rb"],
  ["a\nb"],
  ["a\r\n"],
  ["\r\na"],
  ["a\0b"],
  ["a\x01b"],
  ["a\x07b"],
  ["a\x08b"],
  ["a\x0bb"],
  ["a\x0cb"],
  ["a\x0eb"],
  ["a\x1bb"],
  ["a\x1fb"],
  ["a\x7fb"],
  ["\u0142"],
  ["\u2028"],
  ["\ud83d\ude00"],
  ["\ud800"],
  ["a\u560d\u560aX-Evil: 1"],
])("S37 refuses the header value %j", async (value) => {
  let thrown: unknown;
  const response = await answer((_environ, startResponse) => {
    thrown = thrownBy(() => startResponse("200 OK", [["X-A", value]]));
    throw thrown;
  });
  expect(thrown).toEqual(coded("ERR_HEADER_VALUE"));
  expectRefused(response);
});

test.each([
  ["a number", 1],
  ["true", true],
  ["null", null],
  ["undefined", undefined],
  ["an array", ["1"]],
  ["a Date", new Date(0)],
  ["an object with toString", { toString: () => "1" }],
  ["a symbol", Symbol("1")],
])("S37 refuses %s for a header value", async (_what, value) => {
  let thrown: unknown;
  const response = await answer(
    untyped((_environ, startResponse) => {
      thrown = thrownBy(() => startResponse("200 OK", [["X-A", value]]));
      throw thrown;
    }),
  );
  expect(thrown).toEqual(coded("ERR_HEADER_VALUE"));
  expectRefused(response);
});

test("S37 names the header in the log, in one line", async () => {
  const { lines } = await answer((_environ, startResponse) => {
    startResponse("200 OK", [["X-A", "a\r\nX-Evil: 1"]]);
    return [];
  });
  expect(lines).toEqual([
    expect.stringMatching(/^dram: GET \/x: ERR_HEADER_VALUE: .*"X-A"[^\n]*\n$/),
  ]);
});

test.each([
  [""],
  ["abc"],
  ["-1"],
  ["+5"],
  ["5.0"],
  ["5 "],
  [" 5"],
  ["0x5"],
  ["1e3"],
  ["5, 5"],
  ["9007199254740992"],
  ["99999999999999999999"],
  ["\u00b2"],
])("S44 refuses the Content-Length %j", async (value) => {
  let thrown: unknown;
  const response = await answer((_environ, startResponse) => {
    thrown = thrownBy(() => startResponse("200 OK", [["Content-Length", value]]));
    throw thrown;
  });
  expect(thrown).toEqual(coded("ERR_CONTENT_LENGTH"));
  expectRefused(response);
});

test.each([
  ["2", "3"],
  ["2", "2"],
])("S44 refuses two Content-Length, %s and %s", async (first, second) => {
  let thrown: unknown;
  const response = await answer((_environ, startResponse) => {
    thrown = thrownBy(() =>
      startResponse("200 OK", [
        ["Content-Length", first],
        ["content-length", second],
      ]),
    );
    throw thrown;
  });
  expect(thrown).toEqual(coded("ERR_CONTENT_LENGTH"));
  expectRefused(response);
});

test("S40 with an error and nothing sent, status and headers are replaced as a whole", async () => {
  const response = await answer((_environ, startResponse) => {
    startResponse("200 OK", [
      ["X-A", "1"],
      ["Content-Length", "5"],
    ]);
    startResponse("503 Busy", [["X-B", "2"]], new Error("exc"));
    return [latin1("twenty-three bytes long")];
  });
  expect(response).toMatchObject({
    status: 503,
    reason: "Busy",
    headers: [["X-B", "2"]],
    body: "twenty-three bytes long",
    lines: [],
  });
});

test("S40 may be replaced any number of times", async () => {
  const { status } = await answer((_environ, startResponse) => {
    startResponse("200 OK", []);
    startResponse("500 First", [], new Error("first"));
    startResponse("502 Second", [], new Error("second"));
    return [];
  });
  expect(status).toBe(502);
});

test("S40 the first call may be the one with an error", async () => {
  const { status, body } = await answer((_environ, startResponse) => {
    startResponse("500 Oops", [], new Error("at once"));
    return text("sorry");
  });
  expect({ status, body }).toEqual({ status: 500, body: "sorry" });
});

test.each([
  ["an Error", new Error("exc")],
  ["a triple", [Error, new Error("exc"), null]],
  ["{ error }", { error: new Error("exc") }],
  ["a string", "exc"],
  ["false", false],
  ["0", 0],
  ["the empty string", ""],
])("S40 takes %s for an error", async (_what, error) => {
  const { status } = await answer((_environ, startResponse) => {
    startResponse("200 OK", []);
    startResponse("500 Oops", [], error);
    return [];
  });
  expect(status).toBe(500);
});

test.each([
  ["null", null],
  ["undefined", undefined],
])("S43 takes %s for no error", async (_what, error) => {
  let thrown: unknown;
  await answer((_environ, startResponse) => {
    startResponse("200 OK", [], error);
    thrown = thrownBy(() => startResponse("500 Oops", [], error));
    return [];
  });
  expect(thrown).toEqual(coded("ERR_STARTED_TWICE"));
});

const exc = new Error("exc");
const wrapping = Object.assign(new Error("outer"), { error: exc });
const frozen = Object.freeze({ reason: "exc" });

test.each([
  ["an Error", exc, exc],
  ["an Error that has a property error", wrapping, wrapping],
  ["a triple", [Error, exc, undefined], exc],
  ["a triple of a thrown string", [null, "exc", null], "exc"],
  ["{ error }", { error: exc }, exc],
  ["a thrown string", "exc", "exc"],
  ["a thrown object", frozen, frozen],
])(
  "S41 with the headers committed, startResponse throws the very error it was given: %s",
  async (_form, given, original) => {
    let thrown: unknown;
    const response = await answer(async function* (_environ, startResponse) {
      startResponse("200 OK", []);
      yield latin1("a");
      thrown = thrownBy(() => startResponse("500 Oops", [["X-B", "2"]], given));
      throw thrown;
    });
    expect(thrown).toBe(original);
    expect(response).toMatchObject({ status: 200, headers: [], chunks: ["a"], broken: true });
    expect(response.error).toBe(original);
  },
);

test("S41 the error that is thrown back keeps its stack", async () => {
  const error = new Error("exc");
  const { stack } = error;
  await answer(async function* (_environ, startResponse) {
    startResponse("200 OK", []);
    yield latin1("a");
    startResponse("500 Oops", [], error);
  });
  expect(error.stack).toBe(stack);
});

test("S41 throws the error back even if status and headers are malformed", async () => {
  const error = new Error("exc");
  let thrown: unknown;
  await answer(
    untyped(async function* (_environ, startResponse) {
      startResponse("200 OK", []);
      yield latin1("a");
      thrown = thrownBy(() => startResponse(500, null, error));
    }),
  );
  expect(thrown).toBe(error);
});

test("S41 a trapped error leaves status, headers and body as they were", async () => {
  const response = await answer(function* (_environ, startResponse) {
    startResponse("200 OK", [["X-A", "1"]]);
    yield latin1("a");
    thrownBy(() => startResponse("500 Oops", [["X-B", "2"]], new Error("exc")));
    yield latin1("b");
  });
  expect(response).toMatchObject({
    status: 200,
    headers: [["X-A", "1"]],
    body: "ab",
    broken: false,
  });
});

test("S41 write commits: afterwards startResponse throws the error back", async () => {
  const error = new Error("exc");
  let thrown: unknown;
  const { status } = await answer((_environ, startResponse) => {
    const write = startResponse("200 OK", []);
    write(latin1("a"));
    thrown = thrownBy(() => startResponse("500 Oops", [], error));
    return [];
  });
  expect(thrown).toBe(error);
  expect(status).toBe(200);
});

test("S42 the gateway keeps no error that it was given", async () => {
  const { startResponse, error } = await replacedWithError();
  await idle();
  collectGarbage();
  expect(error.deref()).toBeUndefined();
  expect(startResponse).toEqual(expect.any(Function));
});

test("S43 a second call without an error is refused, and answered with 500", async () => {
  let thrown: unknown;
  const response = await answer((_environ, startResponse) => {
    startResponse("200 OK", [["X-A", "1"]]);
    thrown = thrownBy(() => startResponse("201 Created", [["X-B", "2"]]));
    throw thrown;
  });
  expect(thrown).toEqual(coded("ERR_STARTED_TWICE"));
  expectRefused(response);
});

test("S43 a refused second call leaves the first in force", async () => {
  const { status, headers } = await answer((_environ, startResponse) => {
    startResponse("200 OK", [["X-A", "1"]]);
    thrownBy(() => startResponse("201 Created", [["X-B", "2"]]));
    return [];
  });
  expect({ status, headers }).toEqual({ status: 200, headers: [["X-A", "1"]] });
});

test("S43 a second call is refused also after the first non-empty chunk", async () => {
  let thrown: unknown;
  await answer(function* (_environ, startResponse) {
    startResponse("200 OK", []);
    yield latin1("a");
    thrown = thrownBy(() => startResponse("200 OK", []));
  });
  expect(thrown).toEqual(coded("ERR_STARTED_TWICE"));
});

test.each([
  ["status", "200", []],
  ["header", "200 OK", [["X A", "1"]]],
  ["list", "200 OK", null],
])("S43 a call that failed for its %s counts as called", async (_what, status, headers) => {
  const thrown: unknown[] = [];
  await answer(
    untyped((_environ, startResponse) => {
      thrown.push(thrownBy(() => startResponse(status, headers)));
      thrown.push(thrownBy(() => startResponse("200 OK", [])));
      return [];
    }),
  );
  expect(thrown).toEqual([expect.any(DramError), coded("ERR_STARTED_TWICE")]);
});

test("S43 after a call that failed nothing is sent as if it had not", async () => {
  const response = await answer((_environ, startResponse) => {
    thrownBy(() => startResponse("200 OK", [["X A", "1"]]));
    return [latin1("hello")];
  });
  expectRefused(response);
  expect(response.lines).toEqual([expect.stringContaining("ERR_NOT_STARTED")]);
});

test("S43 a replacement that failed takes the first call with it", async () => {
  const response = await answer((_environ, startResponse) => {
    startResponse("200 OK", [["X-A", "1"]]);
    thrownBy(() => startResponse("500 Oops", [["X B", "2"]], new Error("exc")));
    return [latin1("hello")];
  });
  expectRefused(response);
});

test("B15 a call with an error works after one that failed", async () => {
  const { status, headers, body } = await answer((_environ, startResponse) => {
    const error = thrownBy(() => startResponse("200 OK", [["X A", "1"]]));
    startResponse("500 Oops", [["X-B", "2"]], error);
    return [latin1("sorry")];
  });
  expect({ status, headers, body }).toEqual({
    status: 500,
    headers: [["X-B", "2"]],
    body: "sorry",
  });
});

test("S15 after the end of the response, startResponse is refused", async () => {
  let late: StartResponse | undefined;
  await answer((_environ, startResponse) => {
    late = startResponse;
    startResponse("200 OK", []);
    return [];
  });
  expect(() => late?.("200 OK", [])).toThrow(coded("ERR_CLOSED"));
});

test("S15 after the end of a stream, startResponse is refused", async () => {
  let late: StartResponse | undefined;
  await answer(function* (_environ, startResponse) {
    late = startResponse;
    startResponse("200 OK", []);
    yield latin1("a");
  });
  expect(() => late?.("200 OK", [])).toThrow(coded("ERR_CLOSED"));
});

test("S15 after an error of the application, startResponse is refused", async () => {
  let late: StartResponse | undefined;
  await answer((_environ, startResponse) => {
    late = startResponse;
    throw new Error("early");
  });
  expect(() => late?.("200 OK", [])).toThrow(coded("ERR_CLOSED"));
});

test("S15 after the client has left, startResponse is refused", async () => {
  let late: StartResponse | undefined;
  const { response } = start(function* (_environ, startResponse) {
    late = startResponse;
    startResponse("200 OK", []);
    yield latin1("a");
  });
  const stream = await streamOf(response);
  expect(await next(stream)).toBe("a");
  stream.cancel();
  expect(() => late?.("200 OK", [])).toThrow(coded("ERR_CLOSED"));
});

test("S41 after the end of the response, startResponse throws the error back", async () => {
  let late: StartResponse | undefined;
  await answer((_environ, startResponse) => {
    late = startResponse;
    startResponse("200 OK", []);
    return [];
  });
  const error = new Error("late");
  expect(thrownBy(() => late?.("500 Oops", [], error))).toBe(error);
});

// What bad applications of the corpus of hostile inputs give to startResponse.
const HOSTILE: [id: string, status: string, headers: HeaderList][] = [
  ["a-resp-crlf-value", "200 OK", [["X-A", "a\r\nX-Evil: 1"]]],
  ["a-resp-cr-value", "200 OK", [["X-A", "a\rb"]]],
  ["a-resp-nul-value", "200 OK", [["X-A", "a\0b"]]],
  ["a-resp-bel-value", "200 OK", [["X-A", "a\x07b"]]],
  ["a-resp-del-value", "200 OK", [["X-A", "a\x7fb"]]],
  ["a-resp-trailing-crlf", "200 OK", [["X-A", "a\r\n"]]],
  ["a-resp-crlf-name", "200 OK", [["X-A\r\nX-Evil", "1"]]],
  ["a-resp-space-name", "200 OK", [["X A", "1"]]],
  ["a-resp-kelvin-name", "200 OK", [["Content-\u212aength", "1"]]],
  ["a-resp-location-crlf", "302 Found", [["Location", "/x\r\nSet-Cookie: s=1"]]],
  ["a-resp-status-word", "OK 200", []],
  ["a-resp-status-101", "101 Switching Protocols", []],
  [
    "a-resp-te-chunked",
    "200 OK",
    [
      ["Transfer-Encoding", "chunked"],
      ["Content-Length", "2"],
    ],
  ],
  [
    "a-resp-hop-by-hop",
    "200 OK",
    [
      ["Connection", "X-Secret"],
      ["Keep-Alive", "timeout=9"],
      ["Upgrade", "h2c"],
      ["Proxy-Authenticate", "x"],
      ["Trailer", "X-T"],
    ],
  ],
];

test.each(HOSTILE)(
  "%s is answered with 500 and one line in the log",
  async (_id, status, headers) => {
    const response = await answer((_environ, startResponse) => {
      startResponse(status, headers);
      return [latin1("ok")];
    });
    expectRefused(response);
  },
);

/** The 500 page, with none of the application's headers, and exactly one line in the log. */
function expectRefused(response: Awaited<ReturnType<typeof answer>>): void {
  expect(response).toMatchObject({
    status: 500,
    reason: "Internal Server Error",
    headers: [
      ["Content-Type", "text/plain; charset=utf-8"],
      ["X-Content-Type-Options", "nosniff"],
    ],
    body: INTERNAL,
    lines: [expect.stringMatching(/^dram: GET \/x: [\x20-\x7e]+\n$/)],
  });
}

/** An exchange whose startResponse is still held, and whose error is not. */
async function replacedWithError(): Promise<{
  startResponse: StartResponse | undefined;
  error: WeakRef<Error>;
}> {
  let kept: StartResponse | undefined;
  let error: WeakRef<Error> | undefined;
  await answer((_environ, startResponse) => {
    kept = startResponse;
    startResponse("200 OK", []);
    error = new WeakRef(new Error("exc"));
    startResponse("500 Oops", [], error.deref());
    return [];
  });
  if (error === undefined) {
    throw new Error("the application was not called");
  }
  return { startResponse: kept, error };
}

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
}
