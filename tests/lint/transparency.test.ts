import {
  type Application,
  type Body,
  closing,
  json,
  type Middleware,
  mapBody,
  mapWrites,
  mount,
  type StartResponse,
  serialize,
  text,
  trustedHops,
} from "dram";
import { toFetch } from "dram/fetch";
import { LintError, lint } from "dram/lint";
import { describe, expect, test } from "vitest";
import { application as hello } from "../../examples/hello/application.ts";
import {
  type Answer,
  answer,
  answering,
  type Incoming,
  thrownBy,
} from "../core/exchangehelpers.ts";
import { environOf, idle, Log, latin1, native, unhandledRejectionsOf } from "../core/helpers.ts";
import { application as cases } from "../http/application.ts";
import { exchange, found } from "./helpers.ts";

const PLAIN: [string, string] = ["Content-Type", "text/plain"];
const started: StartResponse = () => async () => {};
const silent = { onWarning() {} };

function returning(body: Body): Application {
  return (_environ, startResponse) => {
    startResponse("200 OK", [PLAIN]);
    return body;
  };
}

function called(application: Application): Body | Promise<Body> {
  return lint(application, silent)(environOf(), started);
}

describe("the body", () => {
  test.each([
    ["an array", [latin1("a")]],
    ["an empty array", []],
    ["text()", text("a")],
    ["json()", json("a")],
  ])("%s is the very same object, without a promise", (_name, body) => {
    expect(called(returning(body))).toBe(body);
  });

  test("a promise of an array gives the very same array", async () => {
    const body = [latin1("a")];
    const promised = called(async (...call) => returning(body)(...call));
    expect(promised).toBeInstanceOf(Promise);
    expect(await promised).toBe(body);
  });

  test("an array with close stays an array with close", async () => {
    const chunk = latin1("a");
    const receivers: unknown[] = [];
    const body = Object.assign([chunk], {
      close(this: unknown) {
        receivers.push(this);
      },
    });
    const linted = await called(returning(body));
    expect(Array.isArray(linted)).toBe(true);
    expect([...(linted as Uint8Array[])][0]).toBe(chunk);
    linted.close?.();
    expect(receivers).toEqual([body]);
    expect(receivers[0]).toBe(body);
  });

  test("a synchronous iterable stays synchronous, its chunks the same", () => {
    const chunk = latin1("a");
    const body = called(returning(new Set([chunk])));
    expect(body).not.toHaveProperty("close");
    expect(Symbol.asyncIterator in body).toBe(false);
    expect([...(body as Iterable<Uint8Array>)][0]).toBe(chunk);
  });

  test("an asynchronous iterable stays asynchronous, its chunks the same", async () => {
    const chunk = latin1("a");
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(chunk);
        controller.close();
      },
    });
    const body = await called(returning(stream));
    expect(Symbol.iterator in body).toBe(false);
    const chunks: Uint8Array[] = [];
    for await (const item of body) {
      chunks.push(item);
    }
    expect(chunks[0]).toBe(chunk);
  });

  test("an iterable of both kinds stays one", async () => {
    const both = {
      *[Symbol.iterator]() {
        yield latin1("sync");
      },
      async *[Symbol.asyncIterator]() {
        yield latin1("async");
      },
    };
    const first = async (body: Body): Promise<string> => {
      for await (const chunk of body) {
        return native(chunk);
      }
      return "";
    };
    expect(await first(await called(returning(both)))).toBe("async");
    const body = await called(returning(both));
    expect(native([...(body as Iterable<Uint8Array>)][0] ?? latin1(""))).toBe("sync");
  });

  test("an iteration that is given up runs the application's finally", async () => {
    const events: string[] = [];
    const body = await called(
      returning(
        (async function* () {
          try {
            yield latin1("a");
            yield latin1("b");
          } finally {
            events.push("finally");
          }
        })(),
      ),
    );
    for await (const _chunk of body) {
      break;
    }
    expect(events).toEqual(["finally"]);
  });

  test("so does one that lint breaks", async () => {
    const events: string[] = [];
    const wrong: unknown = (function* () {
      try {
        yield "a";
      } finally {
        events.push("finally");
      }
    })();
    const body = await called(returning(wrong as Body));
    expect(thrownBy(() => [...(body as Iterable<Uint8Array>)])).toBeInstanceOf(LintError);
    expect(events).toEqual(["finally"]);
  });

  test("a body that is refused at the return is closed all the same", async () => {
    const events: string[] = [];
    const body = Object.assign([latin1("a")], { close: () => void events.push("close") });
    const response = await answer(lint(() => body, silent));
    expect(response.status).toBe(500);
    expect(response.lines).toEqual([expect.stringContaining("ERR_LINT: L74 (application)")]);
    expect(events).toEqual(["close"]);
  });

  test.each(["GET", "HEAD"])("Content-Length is inferred at %s", async (method) => {
    for (const body of [
      [latin1("ab"), latin1("c")],
      text("abc"),
      Object.assign([latin1("abc")], { close() {} }),
    ]) {
      const url = "http://h/";
      const response = await toFetch(lint(returning(body)))(new Request(url, { method }));
      const plain = await toFetch(returning(body))(new Request(url, { method }));
      expect([...response.headers]).toEqual([...plain.headers]);
    }
    expect((await answer(lint(returning([latin1("abc")])), { method })).length).toBe(3);
  });
});

describe("what is thrown is the same", () => {
  const error = new Error("oops");
  const throwing = (): never => {
    throw error;
  };

  test("by the application", () => {
    expect(thrownBy(() => called(throwing))).toBe(error);
  });

  test("by its promise", async () => {
    await expect(called(() => Promise.reject(error))).rejects.toBe(error);
  });

  test("by the iteration, synchronous or not", async () => {
    const sync = await called(returning({ [Symbol.iterator]: () => ({ next: throwing }) }));
    expect(thrownBy(() => [...(sync as Iterable<Uint8Array>)])).toBe(error);
    const later = called(
      returning({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) }),
    );
    const body = (await later) as AsyncIterable<Uint8Array>;
    await expect(body[Symbol.asyncIterator]().next()).rejects.toBe(error);
  });

  test("by close", async () => {
    const body = await called(returning(Object.assign([latin1("a")], { close: throwing })));
    expect(thrownBy(() => body.close?.())).toBe(error);
  });

  test("by startResponse", () => {
    const linted = lint((_environ, startResponse) => {
      startResponse("200 OK", []);
      return [];
    });
    expect(thrownBy(() => linted(environOf(), throwing))).toBe(error);
  });

  test("by write, whose promise is the same", async () => {
    const promise = Promise.reject(error);
    let written: Promise<void> | undefined;
    const linted = lint((_environ, startResponse) => {
      written = startResponse("200 OK", [PLAIN])(latin1("a"));
      return [];
    }, silent);
    await linted(environOf(), () => () => promise);
    expect(written).toBe(promise);
    await expect(written).rejects.toBe(error);
  });

  test("by a read", async () => {
    const environ = environOf();
    const read = () => Promise.reject(error);
    environ["wsgi.input"] = Object.assign(environ["wsgi.input"], { read });
    await expect(
      lint(async (own, startResponse) => {
        startResponse("200 OK", [PLAIN]);
        return [await own["wsgi.input"].read()];
      })(environ, started),
    ).rejects.toBe(error);
  });

  test("and a read that nobody awaits leaves no unhandled rejection", async () => {
    const environ = environOf({
      body: { read: () => Promise.reject(error), cancel() {} },
    });
    const left = await unhandledRejectionsOf(() =>
      lint((own, startResponse) => {
        own["wsgi.input"].read();
        own["wsgi.input"].read(-5);
        startResponse("200 OK", []);
        return [];
      }, silent)(environ, started),
    );
    expect(left).toEqual([]);
  });
});

describe("environ", () => {
  test("is the same object, with its own streams again at the end", async () => {
    const environ = environOf();
    const { "wsgi.input": input, "wsgi.errors": errors } = environ;
    const seen: unknown[] = [];
    await lint((own, startResponse) => {
      seen.push(own, own["wsgi.input"] === input);
      startResponse("200 OK", []);
      return [];
    })(environ, started);
    expect(seen).toEqual([environ, false]);
    expect(seen[0]).toBe(environ);
    expect([environ["wsgi.input"], environ["wsgi.errors"]]).toEqual([input, errors]);
    expect(environ["wsgi.input"]).toBe(input);
  });

  test("may be frozen or emptied by the application", async () => {
    for (const change of [Object.freeze, wipe]) {
      const response = await answer(
        lint((environ, startResponse) => {
          change(environ);
          startResponse("200 OK", [PLAIN]);
          return [latin1("a")];
        }),
      );
      expect(response).toMatchObject({ status: 200, body: "a", lines: [] });
    }
  });

  test("the input reads as it does without lint", async () => {
    const application: Application = async (environ, startResponse) => {
      const input = environ["wsgi.input"];
      const parts = [await input.read(2), await input.readline(), ...(await input.readlines(1))];
      for await (const line of input) {
        parts.push(line);
      }
      parts.push(await input.read());
      startResponse("200 OK", [PLAIN]);
      return [text(parts.map(native).join("|"))].flatMap((body) => [...(body as Uint8Array[])]);
    };
    const body = ["on", "e\ntwo\nthree\nfour\n", "five"];
    const request = { method: "POST", body };
    const linted = await exchange(application, request);
    expect(linted.found).toEqual([]);
    expect(linted.body).toBe("on|e\n|two\n|three\n|four\n|five|");
    expect(linted.body).toBe((await answer(application, request)).body);
  });
});

describe("middleware between two lints", () => {
  const unchanged = (chunk: Uint8Array): Uint8Array => chunk;
  const middlewares: [string, Middleware][] = [
    ["mount", (application) => mount("/x", application)],
    ["serialize", serialize],
    ["trustedHops", trustedHops(1, { host: true, port: true })],
    [
      "mapBody and mapWrites",
      (application) => (environ, startResponse) =>
        mapBody(application(environ, mapWrites(startResponse, unchanged)), unchanged),
    ],
    [
      "closing",
      (application) =>
        async (...call) =>
          closing(await application(...call), () => {}),
    ],
  ];
  const applications: [string, Application][] = [
    ["an array", returning([latin1("a"), latin1("b")])],
    ["a text", returning(text("ab"))],
    ["nothing", returning([])],
    [
      "a generator",
      function* (_environ, startResponse: StartResponse) {
        startResponse("200 OK", [PLAIN]);
        yield latin1("a");
        yield latin1("");
        yield latin1("b");
      },
    ],
    [
      "an asynchronous generator with close",
      async (_environ, startResponse) => {
        startResponse("200 OK", [PLAIN]);
        return Object.assign(
          (async function* () {
            await idle();
            yield latin1("a");
            yield latin1("b");
          })(),
          { close() {} },
        );
      },
    ],
  ];
  const headers = { "X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https" };

  test.each(
    middlewares.flatMap(([name, middleware]) =>
      applications.map(([kind, application]) => [name, kind, middleware, application] as const),
    ),
  )(
    "%s over %s: the same answer, and nothing found",
    async (_name, _kind, between, application) => {
      const request: Incoming = { target: "/x", headers };
      const linted = await exchange(application, { ...request, between });
      const plain = await answer(between(application), request);
      expect(linted.found).toEqual([]);
      expect(linted).toMatchObject(comparable(plain));
    },
  );
});

describe("examples/hello", () => {
  test.each([
    ["GET", "/"],
    ["HEAD", "/"],
    ["GET", "/redirect"],
    ["POST", "/forget"],
    ["GET", "/nowhere"],
    ["DELETE", "/"],
    ["GET", "/error"],
    ["GET", "/download"],
    ["HEAD", "/download"],
  ])("%s %s: nothing found", async (method, target) => {
    expect(await found(hello, { method, target })).toEqual([]);
  });

  test.each(["/text", "/upload"])(
    "POST %s: nothing found, under stress as well",
    async (target) => {
      const headers = { "Content-Type": "application/x-www-form-urlencoded" };
      const request = { method: "POST", target, headers, body: ["text=gr%C3%B6%C3%9Fe"] };
      expect(await found(hello, { ...request, stress: true })).toEqual([]);
    },
  );
});

test.each([
  "/environ?a=1",
  "/text",
  "/chunks",
  "/large-chunks",
  "/empty",
  "/generator",
  "/late-start",
  "/write",
  "/cookies",
  "/header-bytes",
  "/encoded-stream",
  "/reason",
  "/throws",
  "/throws-after-start",
  "/breaks",
  "/breaks-with-length",
  "/echo",
  "/lines",
])("%s of the HTTP tests is answered as without lint", async (path) => {
  const asked = async (application: Application) => {
    const errors = new Log();
    const response = await toFetch(application, { errors })(
      new Request(`http://h${path}`, { method: "POST", body: "a\nb" }),
    );
    const body = await response.text().catch(String);
    // Without the stack, in which lint stands as well.
    const lines = errors.writes.map((line) => line.split(" | at ")[0]);
    return [response.status, response.statusText, [...response.headers], body, lines];
  };
  expect(await asked(lint(cases, silent))).toEqual(await asked(cases));
});

test("an application that streams is asked for one chunk at a time", async () => {
  const events: string[] = [];
  const application = answering(() =>
    (async function* () {
      for (const name of ["a", "b"]) {
        events.push(name);
        yield latin1(name);
      }
    })(),
  );
  const body = await called(application);
  const iterator = (body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  await iterator.next();
  await idle();
  expect(events).toEqual(["a"]);
});

function wipe(environ: Record<string, unknown>): void {
  for (const key of Object.keys(environ)) {
    delete environ[key];
  }
}

function comparable({ status, reason, headers, length, chunks, lines }: Answer): object {
  return { status, reason, headers, length, chunks, lines };
}
