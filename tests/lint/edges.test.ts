import type { Application, Body, Environ, HeaderList, Middleware, StartResponse } from "dram";
import { LintError, lint } from "dram/lint";
import { afterEach, expect, test, vi } from "vitest";
import { answering, anything, thrownBy, untyped } from "../core/exchangehelpers.ts";
import { environOf, Log, latin1, unhandledRejectionsOf } from "../core/helpers.ts";
import { found, foundBy } from "./helpers.ts";

const PLAIN: [string, string] = ["Content-Type", "text/plain"];
const ignored: StartResponse = () => async () => {};

afterEach(() => {
  vi.restoreAllMocks();
});

function returning(status: string, headers: HeaderList, body: unknown): Application {
  return untyped((_environ, startResponse) => {
    startResponse(status, headers);
    return body;
  });
}

test("an asynchronous iteration that lint breaks runs the application's finally", async () => {
  const events: string[] = [];
  const body = (async function* () {
    try {
      yield "no bytes";
    } finally {
      events.push("finally");
    }
  })();
  const linted = await lint(returning("200 OK", [PLAIN], body))(environOf(), ignored);
  const iterator = (linted as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  await expect(iterator.next()).rejects.toBeInstanceOf(LintError);
  expect(events).toEqual(["finally"]);
});

test("a header list that changes is told of at the return, though nobody iterates", async () => {
  const application: Application = (_environ, startResponse) => {
    const headers: HeaderList = [PLAIN];
    startResponse("200 OK", headers);
    headers.pop();
    return (function* () {})();
  };
  const findings = await foundBy((lint) => lint(application)(environOf(), ignored));
  expect(findings).toEqual(["warning L68 application"]);
});

test("a header list that the middleware above changes is not the application's fault", async () => {
  const between: Middleware = (application) => (environ, startResponse) =>
    application(environ, (status, headers) => {
      headers.push(["X-A", "b"]);
      return startResponse(status, headers);
    });
  expect(await found(returning("200 OK", [PLAIN], [latin1("a")]), { between })).toEqual([]);
});

test("no process stays alive for a close that never comes", async () => {
  const timers = vi.spyOn(globalThis, "setTimeout");
  const body = { *[Symbol.iterator]() {}, close() {} };
  const linted = await lint(returning("200 OK", [PLAIN], body))(environOf(), ignored);
  expect([...(linted as Iterable<Uint8Array>)]).toEqual([]);
  const references = timers.mock.results.map(({ value }) => (value as NodeJS.Timeout).hasRef());
  linted.close?.();
  expect(references).toEqual([false]);
});

test("what is no string is refused even by a log that swallows what its iterables throw", async () => {
  const environ = environOf();
  environ["wsgi.errors"] = Object.assign(new Log(), {
    writelines(texts: Iterable<string>) {
      try {
        [...texts];
      } catch {}
    },
  });
  const findings = await foundBy((lint) =>
    lint((own, startResponse) => {
      startResponse("200 OK", [PLAIN]);
      own["wsgi.errors"].writelines(anything(["a", 5]));
      return [];
    })(environ, ignored),
  );
  expect(findings).toEqual(["error L38 application"]);
});

test("an error of startResponse that a later call makes good is not swallowed", async () => {
  let calls = 0;
  const refusingOnce: StartResponse = () => {
    if (++calls === 1) {
      throw new Error("not that one");
    }
    return async () => {};
  };
  const application: Application = (_environ, startResponse) => {
    const error = new Error("oops");
    try {
      startResponse("500 Oops", [PLAIN], error);
    } catch {
      startResponse("500 Oops", [PLAIN], error);
    }
    return [latin1("a")];
  };
  expect(await foundBy((lint) => lint(application)(environOf(), refusingOnce))).toEqual([]);
});

test("a promise among the chunks leaves no unhandled rejection", async () => {
  for (const body of [[1].map(() => Promise.reject(new Error("oops"))), rejections()]) {
    const linted = lint(returning("200 OK", [PLAIN], body));
    const left = await unhandledRejectionsOf(async () => {
      try {
        const given = await linted(environOf(), ignored);
        for (const _chunk of given as Iterable<Uint8Array>) {
          // Lint throws at the first.
        }
      } catch {}
    });
    expect(left).toEqual([]);
  }
});

test("HEAD and 304 may announce the length of a body that they do not have", async () => {
  const announcing = (status: string) => returning(status, [["Content-Length", "12345"]], []);
  expect(await found(announcing("200 OK"), { method: "HEAD" })).toEqual([]);
  expect(await found(announcing("304 Not Modified"))).toEqual(["warning L60b application"]);
  expect(await found(announcing("200 OK"))).toEqual(["error L62 application"]);
});

test("many small chunks are well for an event stream", async () => {
  const many = () => Array.from({ length: 101 }, () => latin1("data: 1\n\n"));
  const events: [string, string] = ["Content-Type", "text/event-stream"];
  expect(await found(returning("200 OK", [events], many()))).toEqual([]);
  expect(await found(returning("200 OK", [PLAIN], many()))).toEqual(["warning L91 application"]);
});

test.each([[["type", "error"]], [{}], [true], ["oops"]])(
  "%o is no error to be reported",
  async (error) => {
    const application = untyped((_environ, startResponse) => {
      startResponse("500 Oops", [PLAIN], error);
      return [];
    });
    expect(await found(application)).toEqual(["error L65 application"]);
  },
);

test.each([
  [[Error, new Error("oops"), null]],
  [{ error: "oops" }],
  [new DOMException("oops")],
  [null],
  [undefined],
])("%o is a third argument of startResponse", async (error) => {
  const application = untyped((_environ, startResponse) => {
    startResponse("500 Oops", [PLAIN], error);
    return [];
  });
  expect(await found(application)).toEqual([]);
});

test.each([-2, 1.5, "5", Number.NaN])("read(%s) is refused", async (size) => {
  const application: Application = async (environ, startResponse) => {
    startResponse("200 OK", [PLAIN]);
    return [await environ["wsgi.input"].read(anything(size))];
  };
  expect(await found(application)).toEqual(["error L33 application"]);
});

test.each([
  [
    "environ alone",
    (environ: Environ) =>
      Object.assign(environ, { "wsgi.input": { ...inputOf(environ) }, SCRIPT_NAME: "app" }),
    (startResponse: StartResponse): StartResponse =>
      (...call) =>
        startResponse(...call),
  ],
  [
    "startResponse alone",
    (environ: Environ) => ({
      ...environ,
      "wsgi.input": { ...inputOf(environ) },
      SCRIPT_NAME: "app",
    }),
    (startResponse: StartResponse) => startResponse,
  ],
  [
    "wsgi.input alone",
    (environ: Environ) => ({ ...environ, SCRIPT_NAME: "app" }),
    (startResponse: StartResponse): StartResponse =>
      (...call) =>
        startResponse(...call),
  ],
])("a middleware that hands down %s is between its two lints", async (_what, change, replace) => {
  const between: Middleware = (application) => (environ, startResponse) =>
    application(change(environ), replace(startResponse));
  const application = answering([]);
  expect(await found(application, { between })).toEqual(["error L16 middleware"]);
});

test("a second application with the same environ does not stand below the first", async () => {
  const findings = await foundBy(async (lint) => {
    const environ = environOf();
    const linted = lint(answering([]));
    await linted(environ, ignored);
    environ.SCRIPT_NAME = "app";
    await linted(environ, ignored);
  });
  expect(findings).toEqual(["error L16 gateway"]);
});

test("an environ without wsgi.errors is an error, whatever else could be warned of", async () => {
  const environ = environOf();
  environ["wsgi.run_once"] = anything(1);
  Reflect.deleteProperty(environ, "wsgi.errors");
  const body: unknown = await Promise.resolve()
    .then((): Body | Promise<Body> => lint(answering([]))(environ, ignored))
    .catch((error: unknown) => error);
  expect(body).toMatchObject({ rule: "L07" });
});

const endings: readonly (readonly [string, unknown, (body: Body) => unknown])[] = [
  ["an iteration that ends", generator(), (body) => [...syncOf(body)]],
  ["one that is given up", generator(), (body) => syncOf(body)[Symbol.iterator]().return?.()],
  ["one that throws", throwing(), (body) => thrownBy(() => [...syncOf(body)])],
  ["close", { [Symbol.iterator]: generator, close() {} }, (body) => body.close?.()],
];

test.each(endings)("environ has its own streams again after %s", async (_what, body, finish) => {
  const environ = environOf();
  const { "wsgi.input": input } = environ;
  const given = await lint(returning("200 OK", [PLAIN], body))(environ, ignored);
  expect(environ["wsgi.input"]).not.toBe(input);
  await finish(given);
  expect(environ["wsgi.input"]).toBe(input);
});

test("and after a body that was refused is closed", async () => {
  const environ = environOf();
  const { "wsgi.input": input } = environ;
  const body = Object.assign([latin1("a")], { close() {} });
  const given = await lint(() => body)(environ, ignored);
  // Nobody has iterated it, so that close is the last to tell.
  await expect(given.close?.()).rejects.toMatchObject({ rule: "L74" });
  expect(environ["wsgi.input"]).toBe(input);
});

test("an array that is refused is refused at the call", () => {
  const linted = lint(returning("200 OK", [PLAIN], ["no bytes"]));
  expect(thrownBy(() => linted(environOf(), ignored))).toMatchObject({ rule: "L73" });
});

test("a chunk of more than 64 KiB is not watched", async () => {
  const reusing = (size: number): Application => {
    const chunk = new Uint8Array(size);
    return function* (_environ: Environ, startResponse: StartResponse) {
      startResponse("200 OK", [PLAIN]);
      yield chunk.fill(1);
      yield chunk.fill(2);
    };
  };
  expect(await found(reusing(65_536))).toEqual(["warning L89 application"]);
  expect(await found(reusing(65_537))).toEqual([]);
});

test("a middleware that takes chunks and gives none at all is told of at the end", async () => {
  const between: Middleware = (application) => async (environ, startResponse) => {
    const body = await application(environ, startResponse);
    return (async function* () {
      for await (const chunk of body) {
        yield* [chunk].slice(1);
      }
    })();
  };
  const application: Application = function* (_environ: Environ, startResponse: StartResponse) {
    startResponse("200 OK", [PLAIN]);
    yield latin1("a");
  };
  expect(await found(application, { between })).toEqual(["warning L80 middleware"]);
});

test("a header list that changes while the body is iterated is told of", async () => {
  const application: Application = function* (_environ: Environ, startResponse: StartResponse) {
    const headers: HeaderList = [PLAIN];
    startResponse("200 OK", headers);
    yield latin1("a");
    headers.pop();
  };
  expect(await found(application)).toEqual(["warning L68 application"]);
});

test("an iterator of a body can be iterated itself", async () => {
  const given = await lint(returning("200 OK", [PLAIN], generator()))(environOf(), ignored);
  const iterable: Iterable<Uint8Array> = anything(syncOf(given)[Symbol.iterator]());
  expect([...iterable]).toEqual([latin1("a")]);
});

test("an input whose lines are no bytes is the gateway's fault", async () => {
  const findings = await foundBy(async (lint) => {
    const environ = environOf();
    environ["wsgi.input"] = {
      ...inputOf(environ),
      async *[Symbol.asyncIterator]() {
        yield anything("a line");
      },
    };
    const application: Application = async (own, startResponse) => {
      startResponse("200 OK", [PLAIN]);
      for await (const line of own["wsgi.input"]) {
        return [line];
      }
      return [];
    };
    await lint(application)(environ, ignored);
  });
  expect(findings).toEqual(["error L35 gateway"]);
});

test("wsgi.errors is not closed", () => {
  const linted = lint((environ, startResponse) => {
    startResponse("200 OK", [PLAIN]);
    Reflect.get(environ["wsgi.errors"], "close")();
    return [];
  });
  expect(thrownBy(() => linted(environOf(), ignored))).toMatchObject({
    message: "L37 (application): wsgi.errors.close() was called; leave it out",
  });
});

function* generator(): Generator<Uint8Array, void, void> {
  yield latin1("a");
}

// biome-ignore lint/correctness/useYield: it throws before it would yield.
function* throwing(): Generator<Uint8Array, void, void> {
  throw new Error("oops");
}

function syncOf(body: Body): Iterable<Uint8Array> {
  return anything(body);
}

function* rejections(): Generator<Promise<never>, void, void> {
  yield Promise.reject(new Error("oops"));
}

function inputOf({ "wsgi.input": input }: Environ): Environ["wsgi.input"] {
  return {
    read: (size) => input.read(size),
    readline: (size) => input.readline(size),
    readlines: (hint) => input.readlines(hint),
    [Symbol.asyncIterator]: () => input[Symbol.asyncIterator](),
  };
}
