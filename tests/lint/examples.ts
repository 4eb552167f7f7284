import {
  type Application,
  type Body,
  type Environ,
  type Middleware,
  mapBody,
  type StartResponse,
} from "dram";
import { type LintOptions, stressed } from "dram/lint";
import { vi } from "vitest";
import { anything, untyped } from "../core/exchangehelpers.ts";
import { environOf, idle, latin1 } from "../core/helpers.ts";
import { changed, type Found, found, foundBy, foundIn, type Linted } from "./helpers.ts";

/** A rule broken and kept: what is found in each case. */
export interface Example {
  readonly breaks: () => Found[] | Promise<Found[]>;
  readonly keeps: () => Found[] | Promise<Found[]>;
}

const PLAIN: [string, string] = ["Content-Type", "text/plain"];
const unchanged: Middleware =
  (application) =>
  async (...call) =>
    mapBody(await application(...call), (chunk) => chunk);

const ignored: StartResponse = () => async () => {};
const shared = new Uint8Array(8);

const bytes = (): Uint8Array => latin1("hello");

/** For each rule, by its id. */
export const examples: Readonly<Record<string, Example>> = {
  L01: drivenBy(
    (lint) => lint(anything(5)),
    (lint) => lint(right()),
  ),
  L02: drivenBy(
    (lint) => Reflect.apply(lint(right()), undefined, [environOf()]),
    (lint) => lint(right())(environOf(), ignored),
  ),
  L03: drivenBy(
    (lint) => lint(right())(anything(null), ignored),
    (lint) => lint(right())(environOf(), ignored),
  ),
  L04: drivenBy(
    (lint) => lint(right())(anything(new (class {})()), ignored),
    (lint) => lint(right())({ ...environOf() }, ignored),
  ),
  L05: drivenBy(
    (lint) => lint(right())(Object.freeze(environOf()), ignored),
    (lint) => lint(right())(environOf(), ignored),
  ),
  L06: drivenBy(
    (lint) => lint(right())(Object.assign(environOf(), { [Symbol("key")]: 1 }), ignored),
    (lint) => lint(right())(Object.assign(environOf(), { "a.key": 1 }), ignored),
  ),
  L07: environ({ SERVER_NAME: undefined }, { SERVER_NAME: "h" }),
  L08: environ({ "wsgi.url_scheme": undefined }, { "wsgi.url_scheme": "http" }),
  L09: environ({ HTTP_CONTENT_TYPE: "a/b" }, { CONTENT_TYPE: "a/b" }),
  L10: environ({ QUERY_STRING: undefined }, { QUERY_STRING: "" }),
  L11: environ({ SERVER_PORT: 80 }, { SERVER_PORT: "80", "a.b": 80 }),
  L12: environ({ PATH_INFO: "/\u4e2d" }, { PATH_INFO: "/\u00e4\u00b8\u00ad" }),
  L13: environ({ "wsgi.version": [1, 1] }, { "wsgi.version": [1, 0] }),
  L14: environ({ "wsgi.url_scheme": "ws" }, { "wsgi.url_scheme": "https", HTTPS: "on" }),
  L15: environ({ REQUEST_METHOD: "GET /" }, { REQUEST_METHOD: "M-SEARCH" }),
  L16: environ({ SCRIPT_NAME: "app" }, { SCRIPT_NAME: "/app" }),
  L17: environ({ SCRIPT_NAME: "/" }, { SCRIPT_NAME: "" }),
  L18: environ({ SCRIPT_NAME: "/app/" }, { SCRIPT_NAME: "/app" }),
  L19: environ({ PATH_INFO: "*" }, { PATH_INFO: "*", REQUEST_METHOD: "OPTIONS" }),
  L20: environ({ SCRIPT_NAME: "", PATH_INFO: "" }, { SCRIPT_NAME: "/app", PATH_INFO: "" }),
  L21: environ({ REQUEST_URI: "http://h/" }, { REQUEST_URI: "/?a=//b" }),
  L22: environ({ SERVER_NAME: "h:80" }, { SERVER_NAME: "[::1]" }),
  L23: environ({ SERVER_PORT: "" }, { SERVER_PORT: "443" }),
  L24: environ({ SERVER_PROTOCOL: "xHTTP/1.1" }, { SERVER_PROTOCOL: "HTTP/2" }),
  L25: environ({ CONTENT_LENGTH: "+5" }, { CONTENT_LENGTH: "5" }),
  L26: environ({ HTTP_HOST: "a/b" }, { HTTP_HOST: "h:80" }),
  L27: environ({ HTTPS: "on" }, { HTTPS: "on", "wsgi.url_scheme": "https" }),
  L28: environ({ "wsgi.run_once": 0 }, { "wsgi.run_once": true }),
  L29: environ({ "dram.signal": {} }, { "dram.signal": new AbortController().signal }),
  L30: environ({ "My.key": 1 }, { "my.key": 1 }),
  L31: environ({ "wsgi.input": { read() {} } }, {}),
  L32: environ({ "wsgi.errors": console }, {}),

  L33: reading(
    (input) => input.read(anything("5")),
    (input) => input.read(5),
  ),
  L33b: {
    breaks: () =>
      drive(
        reader((input) => input.read()),
        { "wsgi.input_terminated": undefined },
      ),
    keeps: () =>
      drive(
        reader((input) => input.read(5)),
        { "wsgi.input_terminated": undefined },
      ),
  },
  L34: reading(
    (input) => Reflect.apply(input.readline, undefined, [1, 2]),
    (input) => input.readline(1),
  ),
  L35: {
    breaks: () =>
      drive(
        reader((input) => input.read(2)),
        { "wsgi.input": giving(bytes()) },
      ),
    keeps: () =>
      drive(
        reader((input) => input.read(5)),
        { "wsgi.input": giving(bytes()) },
      ),
  },
  L37: reading(
    (input) => Reflect.get(input, "close")(),
    (input) => input.read(),
  ),
  L38: applications(
    answering({ before: ({ "wsgi.errors": errors }) => errors.write(anything(5)) }),
    answering({ before: ({ "wsgi.errors": errors }) => errors.writelines(["a\n", "b\n"]) }),
  ),
  L39: {
    breaks: () =>
      drive(
        reader((input) => void input.read()),
        { "wsgi.input": never() },
      ),
    keeps: () => found(reader((input) => input.read())),
  },
  L40: {
    breaks: () => late((input) => input.read()),
    keeps: () => late(() => {}),
  },

  L41: starts([], ["200 OK", [PLAIN]]),
  L42: starts([200, [PLAIN]], ["200 OK", [PLAIN]]),
  L43: starts(["2e2 OK", [PLAIN]], ["599 Custom", [PLAIN]]),
  L44: starts(["200", [PLAIN]], ["200 ", [PLAIN]]),
  L45: starts(["200 OK\r\nX: y", [PLAIN]], ["200 OK", [PLAIN]]),
  L46: starts(["200 OK", new Headers()], ["200 OK", [PLAIN]]),
  L47: starts(["200 OK", [["Content-Type"]]], ["200 OK", [PLAIN]]),
  L48: starts(
    ["200 OK", [PLAIN, ["Content-Length", 5]]],
    ["200 OK", [PLAIN, ["Content-Length", "5"]]],
  ),
  L49: header(["Status", "200"], ["X-Status", "200"]),
  L50: header(["X-A:", "b"], ["X-A", "b:"]),
  L51: header(["X A", "b"], ["X-A", "b"]),
  L51b: header(["X.A", "b"], ["X-A", "b"]),
  L52: header(["X-A-", "b"], ["X-A", "b"]),
  L54: header(["X-A", "b\x7f"], ["X-A", "b"]),
  L54b: header(["X-A", "b\tc"], ["X-A", "b c"]),
  L55: starts(["200 \u4e2d", [PLAIN]], ["200 \u00e9", [PLAIN]]),
  L55b: header(["X-A", "\u4e2d"], ["X-A", "\u00e9"]),
  L56: header(["X-A", "b "], ["X-A", "b c"]),
  L57: header(["Connection", "close"], ["X-Connection", "close"]),
  L58: applications(answering({ headers: [] }), answering({})),
  L59: starts(["204 No Content", [PLAIN]], ["204 No Content", []], () => []),
  L60: starts(["204 No Content", [["Content-Length", "0"]]], ["204 No Content", []], () => []),
  L60b: starts(["304 Not Modified", [["Content-Length", "5"]]], ["304 Not Modified", []], () => []),
  L61: header(["Content-Length", "5,5"], ["Content-Length", "5"]),
  L61b: starts(
    ["200 OK", [PLAIN, ["Content-Length", "5"], ["content-length", "5"]]],
    ["200 OK", [PLAIN, ["Content-Length", "5"]]],
  ),
  L62: header(["Content-Length", "4"], ["Content-Length", "5"]),
  L63: header(["content-type", "text/html"], ["Set-Cookie", "a=1"]),
  L64: header(
    ["Set-Cookie", "a=1, b=2"],
    ["Set-Cookie", "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT"],
  ),
  L65: starts(["200 OK", [PLAIN], "oops"], ["200 OK", [PLAIN], new Error("oops")]),
  L66: applications(
    untyped((_environ, startResponse) => {
      startResponse("200 OK", [PLAIN]);
      startResponse("200 OK", [PLAIN]);
      return [bytes()];
    }),
    untyped((_environ, startResponse) => {
      startResponse("200 OK", [PLAIN]);
      startResponse("500 Oops", [PLAIN], new Error("oops"));
      return [bytes()];
    }),
  ),
  L67: applications(
    failing(() => {}),
    failing((error) => raise(error)),
  ),
  L68: applications(
    answering({ after: (headers) => headers.push(["X-A", "b"]) }),
    answering({ before: () => {} }),
  ),
  L69: header(["dram.private", "1"], ["X-Public", "1"]),
  S7: drivenBy(
    (lint) => lint(right())(environOf(), () => anything(undefined)),
    (lint) => lint(right())(environOf(), ignored),
  ),

  L70: bodies(undefined, []),
  L71: bodies("hello", [bytes()]),
  L72: bodies(new Response("hello"), new Response("hello").body),
  L73: bodies(["hello"], [bytes()]),
  L74: applications(
    () => [bytes()],
    function* (_environ: Environ, startResponse: StartResponse) {
      startResponse("200 OK", [PLAIN]);
      yield bytes();
    },
  ),
  L74b: applications(function* (_environ: Environ, startResponse: StartResponse) {
    yield latin1("");
    startResponse("200 OK", [PLAIN]);
    yield bytes();
  }, right()),
  L75: applications(() => [], right()),
  L76: drivenBy(
    async (lint) => {
      const body = await lint(streaming())(environOf(), ignored);
      await all(body);
      await all(body);
    },
    async (lint) => all(await lint(streaming())(environOf(), ignored)),
  ),
  L77: drivenBy(
    async (lint) => {
      const body = await lint(closable())(environOf(), ignored);
      const iterator = iteratorOf(body);
      await body.close?.();
      await iterator.next();
    },
    async (lint) => {
      const body = await lint(closable())(environOf(), ignored);
      await all(body);
      await body.close?.();
    },
  ),
  L78: { breaks: () => unclosed(() => {}), keeps: () => unclosed((body) => body.close?.()) },
  L79: drivenBy(
    async (lint) => {
      const body = await lint(closable())(environOf(), ignored);
      await body.close?.();
      await body.close?.();
    },
    async (lint) => (await lint(closable())(environOf(), ignored)).close?.(),
  ),
  L80: between(
    (application) => async (environ, startResponse) => {
      const body = await application(environ, startResponse);
      return (async function* () {
        const iterator = iteratorOf(body);
        for (;;) {
          await iterator.next();
          const { done, value } = await iterator.next();
          if (done === true) {
            return;
          }
          yield value;
        }
      })();
    },
    unchanged,
  ),
  L81: between(
    (application) => async (environ, startResponse) =>
      all(await application(environ, startResponse)),
    unchanged,
  ),
  L83: {
    breaks: () => found(lateStreaming(bytes()), { method: "HEAD" }),
    keeps: () => found(right(), { method: "HEAD" }),
  },
  L84: starts(
    ["205 Reset Content", []],
    ["205 Reset Content", []],
    () => [bytes()],
    () => [],
  ),
  L85: writing(
    (write) => write(anything("hello")),
    (write) => write(bytes()),
  ),
  L86: writing(
    (write) => write(bytes()),
    (write) => write(new Uint8Array(0)),
  ),
  L87: applications((_environ, startResponse) => {
    const write = startResponse("200 OK", [PLAIN]);
    return (function* () {
      write(bytes());
      yield bytes();
    })();
  }, right()),
  L88: writing(
    (write) => void write(bytes()),
    (write) => write(bytes()),
  ),
  L89: {
    breaks: () => found(filling(() => shared)),
    keeps: () => found(filling(() => new Uint8Array(8))),
  },
  L90: bodies(
    () => [Promise.resolve(bytes())],
    () => [bytes()],
  ),
  L91: bodies(
    () => Array.from({ length: 101 }, () => latin1("a")),
    () => Array.from({ length: 100 }, () => latin1("a")),
  ),

  A1: stress(
    () => {
      let path = "";
      return async (environ, startResponse) => {
        path = environ.PATH_INFO;
        await idle();
        startResponse("200 OK", [PLAIN]);
        return [latin1(path)];
      };
    },
    () => async (environ, startResponse) => {
      const path = environ.PATH_INFO;
      await idle();
      startResponse("200 OK", [PLAIN]);
      return [latin1(path)];
    },
  ),
  A8: stress(
    () => exclusive(false),
    () => exclusive(true),
  ),
  A9: stress(
    () =>
      untyped(({ HTTP_X: value }, startResponse) => {
        startResponse("200 OK", [PLAIN]);
        return [latin1((value as string).toLowerCase())];
      }),
    () => (environ, startResponse) => {
      startResponse("200 OK", [PLAIN]);
      return [latin1(environ.HTTP_X ?? "none")];
    },
  ),
  S5: {
    breaks: () => drive(right(), {}, { stress: true }, (environ) => void environ.REQUEST_METHOD),
    keeps: () => drive(right(), {}, { stress: true }),
  },
  M7: between(
    (application) => async (environ, startResponse) => {
      const body = await application(environ, startResponse);
      return [...(await all(body)), latin1(String(environ.PATH_INFO))];
    },
    (application) => async (environ, startResponse) => {
      const path = environ.PATH_INFO;
      return [...(await all(await application(environ, startResponse))), latin1(path)];
    },
    { stress: true },
  ),
};

function environ(breaks: Record<string, unknown>, keeps: Record<string, unknown>): Example {
  return { breaks: () => foundIn(breaks), keeps: () => foundIn(keeps) };
}

type Drive = (lint: (application: Application) => Application) => unknown;

function drivenBy(breaks: Drive, keeps: Drive): Example {
  return { breaks: () => foundBy(breaks), keeps: () => foundBy(keeps) };
}

function applications(breaks: Application, keeps: Application): Example {
  return { breaks: () => found(breaks), keeps: () => found(keeps) };
}

function starts(
  breaks: readonly unknown[],
  keeps: readonly unknown[],
  body: () => Body = () => [bytes()],
  other = body,
): Example {
  const starting =
    (parameters: readonly unknown[], give: () => Body): Application =>
    (_environ, startResponse) => {
      Reflect.apply(startResponse, undefined, parameters);
      return give();
    };
  return applications(starting(breaks, body), starting(keeps, other));
}

function header(breaks: [string, string], keeps: [string, string]): Example {
  return starts(["200 OK", [PLAIN, breaks]], ["200 OK", [PLAIN, keeps]]);
}

function bodies(breaks: unknown, keeps: unknown): Example {
  const returning = (body: unknown): Application =>
    untyped((_environ, startResponse) => {
      startResponse("200 OK", [PLAIN]);
      return typeof body === "function" ? body() : body;
    });
  return applications(returning(breaks), returning(keeps));
}

function answering(parts: {
  headers?: [string, string][];
  before?: (environ: Environ) => unknown;
  after?: (headers: [string, string][]) => unknown;
  body?: () => Body;
}): Application {
  return async (environ, startResponse) => {
    const headers = parts.headers ?? [PLAIN];
    const sent = [...headers];
    await parts.before?.(environ);
    startResponse("200 OK", sent);
    parts.after?.(sent);
    return parts.body?.() ?? [bytes()];
  };
}

function right(): Application {
  return (_environ, startResponse) => {
    startResponse("200 OK", [PLAIN]);
    return [bytes()];
  };
}

function streaming(): Application {
  return (_environ, startResponse) => {
    startResponse("200 OK", [PLAIN]);
    return (async function* () {
      yield bytes();
      yield bytes();
    })();
  };
}

function lateStreaming(...chunks: Uint8Array[]): Application {
  return async function* (_environ: Environ, startResponse: StartResponse) {
    startResponse("200 OK", [PLAIN]);
    yield* chunks;
  };
}

function closable(): Application {
  return (_environ, startResponse) => {
    startResponse("200 OK", [PLAIN]);
    return { [Symbol.iterator]: () => [bytes()][Symbol.iterator](), close() {} };
  };
}

function writing(
  breaks: (write: ReturnType<StartResponse>) => unknown,
  keeps: (write: ReturnType<StartResponse>) => unknown,
): Example {
  const using =
    (use: typeof breaks): Application =>
    async (_environ, startResponse) => {
      await use(startResponse("200 OK", [PLAIN]));
      return [];
    };
  return applications(using(breaks), using(keeps));
}

type Input = Environ["wsgi.input"];

function reader(read: (input: Input) => unknown): Application {
  return answering({ before: (environ) => read(environ["wsgi.input"]) });
}

function reading(breaks: (input: Input) => unknown, keeps: (input: Input) => unknown): Example {
  return applications(reader(breaks), reader(keeps));
}

function giving(result: unknown): Input {
  return streamOf(async () => anything(result));
}

function never(): Input {
  return streamOf(() => new Promise<never>(() => {}));
}

function streamOf(read: () => Promise<never>): Input {
  return { read, readline: read, readlines: read, async *[Symbol.asyncIterator]() {} };
}

/** A call by hand, in the place of a gateway that reads environ afterwards. */
function drive(
  application: Application,
  changes: Record<string, unknown>,
  options: LintOptions = {},
  after: (environ: Environ) => void = () => {},
): Promise<Found[]> {
  return foundBy(async (lint) => {
    const environ = changed(changes);
    const linted = lint(application, options);
    await all(await linted(environ, ignored));
    after(environ);
    await stressed(linted);
  });
}

/** What an application does with its input when the response has ended. */
function late(read: (input: Input) => unknown): Promise<Found[]> {
  return foundBy(async (lint) => {
    const inputs: Input[] = [];
    const application = answering({ before: (environ) => inputs.push(environ["wsgi.input"]) });
    await lint(application)(environOf(), ignored);
    for (const input of inputs) {
      await read(input);
    }
  });
}

async function unclosed(then: (body: Body) => unknown): Promise<Found[]> {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    return await foundBy(async (lint) => {
      const body = await lint(closable())(environOf(), ignored);
      await all(body);
      await then(body);
      await vi.advanceTimersByTimeAsync(1_000);
    });
  } finally {
    vi.useRealTimers();
  }
}

function between(breaks: Middleware, keeps: Middleware, request: Linted = {}): Example {
  return {
    breaks: () => found(streaming(), { ...request, between: breaks }),
    keeps: () => found(streaming(), { ...request, between: keeps }),
  };
}

function stress(breaks: () => Application, keeps: () => Application): Example {
  const request = { stress: true, headers: { X: "1" } };
  return { breaks: () => found(breaks(), request), keeps: () => found(keeps(), request) };
}

/** Reports an error when it is too late, and does something with what that throws. */
function failing(then: (error: unknown) => void): Application {
  return async (_environ, startResponse) => {
    await startResponse("200 OK", [PLAIN])(bytes());
    try {
      startResponse("500 Oops", [PLAIN], new Error("oops"));
    } catch (error) {
      then(error);
    }
    return [bytes()];
  };
}

function raise(error: unknown): never {
  throw error;
}

/** One request at a time, until its body is at its end, or given up. */
function exclusive(cleansUp: boolean): Application {
  let last: Promise<void> = Promise.resolve();
  return async (_environ, startResponse) => {
    const earlier = last;
    const own = Promise.withResolvers<void>();
    last = own.promise;
    await earlier;
    startResponse("200 OK", [PLAIN]);
    return (async function* () {
      try {
        yield bytes();
        yield bytes();
        own.resolve();
      } finally {
        if (cleansUp) {
          own.resolve();
        }
      }
    })();
  };
}

function filling(make: () => Uint8Array): Application {
  return function* (_environ: Environ, startResponse: StartResponse) {
    startResponse("200 OK", [PLAIN]);
    for (const value of [1, 2, 3]) {
      yield make().fill(value);
    }
  };
}

async function all(body: Body): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) {
    chunks.push(chunk);
  }
  return chunks;
}

function iteratorOf(body: Body): Iterator<Uint8Array> | AsyncIterator<Uint8Array> {
  return Symbol.asyncIterator in body ? body[Symbol.asyncIterator]() : body[Symbol.iterator]();
}
