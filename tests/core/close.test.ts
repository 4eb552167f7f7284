import { type Application, type Body, DramError, text } from "dram";
import { toFetch } from "dram/fetch";
import { afterEach, expect, test, vi } from "vitest";
import {
  answer,
  answering,
  anything,
  next,
  RecordedBody,
  start,
  streamOf,
  thrownBy,
} from "./exchangehelpers.ts";
import { coded, idle, Log, latin1 } from "./helpers.ts";

afterEach(() => {
  vi.useRealTimers();
});

test("S12 close is called once, after the last chunk was taken and the iteration has ended", async () => {
  const body = new RecordedBody(latin1("a"), latin1("b"));
  const { response, waiting } = start(answering(body));
  const stream = await streamOf(response);
  expect(await next(stream)).toBe("a");
  expect(await next(stream)).toBe("b");
  await idle();
  expect(body.events).toEqual(["yield a", "yield b"]);
  expect(await next(stream)).toBe(null);
  await Promise.all(waiting);
  expect(body.events).toEqual(["yield a", "yield b", "end", "finally", "close"]);
});

test("S12 close is called once however often the end is asked for and cancelled", async () => {
  const body = new RecordedBody(latin1("a"));
  const { response, waiting } = start(answering(body));
  const stream = await streamOf(response);
  expect([await next(stream), await next(stream), await next(stream)]).toEqual(["a", null, null]);
  stream.cancel();
  stream.cancel();
  await Promise.all(waiting);
  await idle();
  expect(body.events).toEqual(["yield a", "end", "finally", "close"]);
});

test("S12 close is called on the very object that was returned", async () => {
  const body = new RecordedBody(latin1("a"));
  await answer(answering(body));
  expect(body.receivers).toEqual([expect.anything()]);
  expect(body.receivers[0]).toBe(body);
});

test("S12 close that a middleware has put on a text() body is called", async () => {
  const close = vi.fn();
  const answered = await answer(answering(Object.assign(text("a"), { close })));
  expect(answered.body).toBe("a");
  expect(close).toHaveBeenCalledTimes(1);
});

test("S12 close of the object is called, not that of its iterator", async () => {
  const events: string[] = [];
  const iterator = Object.assign([latin1("a")][Symbol.iterator](), {
    close: () => events.push("iterator"),
  });
  const body = {
    [Symbol.iterator]: () => iterator,
    close() {
      events.push("body");
    },
  };
  await answer(answering(body));
  expect(events).toEqual(["body"]);
});

test("S12 close is called on the object that a promise gave", async () => {
  const body = new RecordedBody(latin1("a"));
  await answer(async (_environ, startResponse) => {
    await idle();
    startResponse("200 OK", []);
    return body;
  });
  expect(body.events).toEqual(["yield a", "end", "finally", "close"]);
  expect(body.receivers[0]).toBe(body);
});

test("S12 an array that has close is sent with its length, then closed", async () => {
  const events: string[] = [];
  const body = Object.assign([latin1("he"), latin1("llo")], {
    close() {
      events.push("close");
    },
  });
  const { response, waiting } = start(answering(body));
  expect((await response).headers).toEqual([["Content-Length", "5"]]);
  const stream = await streamOf(response);
  expect([await next(stream), await next(stream)]).toEqual(["he", "llo"]);
  await idle();
  expect(events).toEqual([]);
  expect(await next(stream)).toBe(null);
  await Promise.all(waiting);
  expect(events).toEqual(["close"]);
});

test("S12 an empty array that has close is answered whole, and closed", async () => {
  const events: string[] = [];
  const body = Object.assign([], { close: () => void events.push("close") });
  const response = await answer(answering(body));
  expect(response).toMatchObject({ status: 200, length: 0, body: "" });
  expect(events).toEqual(["close"]);
});

test("S12 an error of the iteration before its first chunk: 500, then close", async () => {
  const body = new RecordedBody(() => {
    throw new Error("SECRET");
  });
  const response = await answer(answering(body));
  expect(response).toMatchObject({ status: 500, body: "Internal Server Error\n" });
  expect(response.lines).toEqual([expect.stringContaining("SECRET")]);
  expect(body.events).toEqual(["finally", "close"]);
});

test("S12 an error of the iteration after a chunk: close, and the client sees it broken", async () => {
  const error = new Error("SECRET");
  const body = new RecordedBody(latin1("a"), () => {
    throw error;
  });
  const response = await answer(answering(body));
  expect(response).toMatchObject({
    chunks: ["a"],
    broken: true,
    lines: [expect.stringContaining("SECRET")],
  });
  expect(response.error).toBe(error);
  expect(body.events).toEqual(["yield a", "finally", "close"]);
});

test("S12 the body fails to make an iterator: 500, then close", async () => {
  const events: string[] = [];
  const response = await answer(
    answering({
      [Symbol.iterator](): Iterator<Uint8Array> {
        throw new Error("SECRET");
      },
      close() {
        events.push("close");
      },
    }),
  );
  expect(response.status).toBe(500);
  expect(response.lines).toEqual([expect.stringContaining("SECRET")]);
  expect(events).toEqual(["close"]);
});

test("S12 a chunk that is no bytes before any other: 500, and the iteration ends, then close", async () => {
  const events: string[] = [];
  const response = await answer(answering(badChunkAfter([], events)));
  expect(response).toMatchObject({
    status: 500,
    lines: [expect.stringContaining("ERR_CHUNK_TYPE")],
  });
  expect(events).toEqual(["finally", "close"]);
});

test("S12 a chunk that is no bytes after others breaks the body: the iteration ends, then close", async () => {
  const events: string[] = [];
  const response = await answer(answering(badChunkAfter([latin1("a")], events)));
  expect(response).toMatchObject({
    chunks: ["a"],
    broken: true,
    error: coded("ERR_CHUNK_TYPE"),
    lines: [expect.stringContaining("ERR_CHUNK_TYPE")],
  });
  expect(events).toEqual(["finally", "close"]);
});

test("S12 startResponse that was never called: 500, then close", async () => {
  for (const steps of [[], [latin1("a")]]) {
    const body = new RecordedBody(...steps);
    const response = await answer(() => body);
    expect(response).toMatchObject({
      status: 500,
      lines: [expect.stringContaining("ERR_NOT_STARTED")],
    });
    expect(body.events.slice(-2)).toEqual(["finally", "close"]);
  }
});

test("S12 startResponse that failed: 500, then close", async () => {
  const body = new RecordedBody(latin1("a"));
  const response = await answer((_environ, startResponse) => {
    thrownBy(() => startResponse("200 OK", [["X A", "1"]]));
    return body;
  });
  expect(response.status).toBe(500);
  expect(body.events).toEqual(["yield a", "finally", "close"]);
});

test("S12 startResponse that failed inside the iteration: 500, then close", async () => {
  const events: string[] = [];
  const response = await answer((_environ, startResponse) => ({
    *[Symbol.iterator]() {
      startResponse("200 OK", [["X A", "1"]]);
      yield latin1("a");
    },
    close() {
      events.push("close");
    },
  }));
  expect(response.status).toBe(500);
  expect(events).toEqual(["close"]);
});

test("B26 when Content-Length is reached, the iteration is ended, then close", async () => {
  const body = new RecordedBody(latin1("0123"), latin1("marker"));
  const response = await answer((_environ, startResponse) => {
    startResponse("200 OK", [["Content-Length", "4"]]);
    return body;
  });
  expect(response).toMatchObject({ body: "0123", broken: false });
  expect(body.events).toEqual(["yield 0123", "finally", "close"]);
});

test("B25 when Content-Length is passed, the chunk is cut, the iteration ended, then close", async () => {
  const body = new RecordedBody(latin1("12345"), latin1("marker"));
  const response = await answer((_environ, startResponse) => {
    startResponse("200 OK", [["Content-Length", "3"]]);
    return body;
  });
  expect(response).toMatchObject({ body: "123", broken: false });
  expect(body.events).toEqual(["yield 12345", "finally", "close"]);
});

test("B27 when the body ends short of Content-Length, it breaks, then close", async () => {
  const body = new RecordedBody(latin1("hello"));
  const response = await answer((_environ, startResponse) => {
    startResponse("200 OK", [["Content-Length", "10"]]);
    return body;
  });
  expect(response).toMatchObject({ body: "hello", broken: true });
  expect(body.events).toEqual(["yield hello", "end", "finally", "close"]);
});

test.each([
  ["HEAD", "200 OK"],
  ["GET", "204 No Content"],
  ["GET", "205 Reset Content"],
  ["GET", "304 Not Modified"],
])("S12 %s answered with %s: close without any iteration", async (method, status) => {
  const body = new RecordedBody(latin1("a"));
  const response = await answer(
    (_environ, startResponse) => {
      startResponse(status, []);
      return body;
    },
    { method },
  );
  expect(response.body).toBe(null);
  expect(body.events).toEqual(["close"]);
});

test("S12 Content-Length 0: close without any iteration", async () => {
  const body = new RecordedBody(latin1("a"));
  const response = await answer((_environ, startResponse) => {
    startResponse("200 OK", [["Content-Length", "0"]]);
    return body;
  });
  expect(response).toMatchObject({ headers: [["Content-Length", "0"]], body: "" });
  expect(body.events).toEqual(["close"]);
});

test("R19 HEAD of an endless generator that starts late: one chunk is pulled, and its finally runs", async () => {
  const events: string[] = [];
  const response = await answer(
    function* (_environ, startResponse) {
      startResponse("200 OK", []);
      try {
        for (;;) {
          events.push("step");
          yield latin1("tick");
        }
      } finally {
        events.push("finally");
      }
    },
    { method: "HEAD" },
  );
  expect(response).toMatchObject({ status: 200, body: null });
  expect(events).toEqual(["step", "finally"]);
});

test("B31 the client leaves before the first chunk is taken: the iteration ends, then close", async () => {
  const body = new RecordedBody(latin1("a"), latin1("b"));
  const { response, waiting, lines } = start(answering(body));
  const stream = await streamOf(response);
  stream.cancel();
  expect(await next(stream)).toBe(null);
  await Promise.all(waiting);
  expect(body.events).toEqual(["yield a", "finally", "close"]);
  expect(lines).toEqual([]);
});

test("B31 the client leaves between two chunks: the iteration ends, then close", async () => {
  const body = new RecordedBody(latin1("a"), latin1("b"));
  const { response, waiting, lines } = start(answering(body));
  const stream = await streamOf(response);
  expect(await next(stream)).toBe("a");
  stream.cancel();
  expect(await next(stream)).toBe(null);
  await Promise.all(waiting);
  expect(body.events).toEqual(["yield a", "finally", "close"]);
  expect(lines).toEqual([]);
});

test("B31 the client leaves in the middle of a step: close at once, which may end the step", async () => {
  const step = Promise.withResolvers<void>();
  const body = new RecordedBody(latin1("a"), () => step.promise, latin1("b"));
  body.close = () => {
    body.events.push("close");
    step.resolve();
  };
  const { response, waiting, lines } = start(answering(body));
  const stream = await streamOf(response);
  expect(await next(stream)).toBe("a");
  const pending = next(stream);
  stream.cancel();
  expect(await pending).toBe(null);
  await Promise.all(waiting);
  expect(body.events).toEqual(["yield a", "close", "yield b", "finally"]);
  expect(lines).toEqual([]);
});

test("B31 the client leaves and the step then fails: nothing is unhandled, close once", async () => {
  const step = Promise.withResolvers<void>();
  const body = new RecordedBody(latin1("a"), () => step.promise);
  const { response, waiting } = start(answering(body));
  const stream = await streamOf(response);
  expect(await next(stream)).toBe("a");
  const pending = next(stream);
  stream.cancel();
  expect(await pending).toBe(null);
  step.reject(new Error("aborted"));
  await Promise.all(waiting);
  await idle();
  expect(body.events).toEqual(["yield a", "close", "finally"]);
});

test("B31 the reader of a Response of toFetch leaves: the iteration ends, then close", async () => {
  const body = new RecordedBody(latin1("a"), latin1("b"));
  const handle = toFetch(answering(body), { errors: new Log() });
  const response = await handle(new Request("http://localhost/"));
  const reader = response.body?.getReader();
  expect(await reader?.read()).toEqual({ done: false, value: latin1("a") });
  await reader?.cancel();
  await idle();
  expect(body.events).toEqual(["yield a", "finally", "close"]);
});

test("B31 the signal of toFetch's request aborts between two chunks: the iteration ends, then close", async () => {
  const client = new AbortController();
  const body = new RecordedBody(latin1("a"), latin1("b"));
  const handle = toFetch(answering(body), { errors: new Log() });
  await handle(new Request("http://localhost/", { signal: client.signal }));
  client.abort();
  await idle();
  expect(body.events).toEqual(["yield a", "finally", "close"]);
});

test("B31 the signal of toFetch's request has aborted before there is a body: close once", async () => {
  const client = new AbortController();
  const work = Promise.withResolvers<Body>();
  const body = new RecordedBody(latin1("a"), latin1("b"));
  const handle = toFetch(
    (_environ, startResponse) => {
      startResponse("200 OK", []);
      return work.promise;
    },
    { errors: new Log() },
  );
  const response = handle(new Request("http://localhost/", { signal: client.signal }));
  client.abort();
  work.resolve(body);
  await response;
  await idle();
  expect(body.events.filter((event) => event === "close")).toEqual(["close"]);
});

test("B31 the signal of toFetch's request has aborted, and the first chunk never comes: close once", async () => {
  const client = new AbortController();
  const work = Promise.withResolvers<Body>();
  const body = new RecordedBody(() => new Promise(() => {}));
  const handle = toFetch(
    (_environ, startResponse) => {
      startResponse("200 OK", []);
      return work.promise;
    },
    { errors: new Log() },
  );
  handle(new Request("http://localhost/", { signal: client.signal }));
  client.abort();
  work.resolve(body);
  await idle();
  expect(body.events).toEqual(["close"]);
});

test("B31 the signal of toFetch's request aborts while the first chunk is awaited: close once", async () => {
  const client = new AbortController();
  const step = Promise.withResolvers<void>();
  const body = new RecordedBody(() => step.promise, latin1("a"));
  const log = new Log();
  const handle = toFetch(answering(body), { errors: log });
  const response = handle(new Request("http://localhost/", { signal: client.signal }));
  await idle();
  client.abort();
  await idle();
  const events = [...body.events];
  step.resolve();
  await response;
  expect(events).toEqual(["close"]);
  expect(log.writes).toEqual([]);
});

test("S12 without close, an iteration that ends early runs the generator's finally", async () => {
  const events: string[] = [];
  const { response, waiting } = start(
    answering(() => {
      async function* generate(): AsyncGenerator<Uint8Array, void, void> {
        try {
          yield latin1("a");
          yield latin1("b");
        } finally {
          await idle();
          events.push("finally");
        }
      }
      return generate();
    }),
  );
  const stream = await streamOf(response);
  expect(await next(stream)).toBe("a");
  stream.cancel();
  await Promise.all(waiting);
  expect(events).toEqual(["finally"]);
});

test("S12 without close, an iteration that ends early calls the iterator's return once", async () => {
  const { events, body } = iterable(["a", "b"]);
  const { response, waiting } = start(answering(body));
  const stream = await streamOf(response);
  expect(await next(stream)).toBe("a");
  stream.cancel();
  await Promise.all(waiting);
  expect(events).toEqual(["iterator", "next", "return"]);
});

test("S12 without close, an iterator that was never asked is told by return", async () => {
  const { events, body } = iterable(["a"]);
  await answer(answering(body), { method: "HEAD" });
  expect(events).toEqual(["iterator", "return"]);
});

test("S12 with close, a body that was never asked gets no iterator", async () => {
  const { events, body } = iterable(["a"]);
  const closed = Object.assign(body, { close: () => void events.push("close") });
  await answer(answering(closed), { method: "HEAD" });
  expect(events).toEqual(["close"]);
});

test("S12 an iterator that came to its end is not told by return", async () => {
  const { events, body } = iterable(["a"]);
  await answer(answering(body));
  expect(events).toEqual(["iterator", "next", "next"]);
});

test.each([
  ["an Error", () => new Error("SECRET")],
  ["an error of dram's", () => new DramError("ERR_JSON", "SECRET")],
])("S12 an iterator that threw %s is not told by return", async (_what, make) => {
  const events: string[] = [];
  const body = {
    [Symbol.iterator]: () => ({
      next(): IteratorResult<Uint8Array> {
        events.push("next");
        throw make();
      },
      return(): IteratorResult<Uint8Array> {
        events.push("return");
        return { done: true, value: undefined };
      },
    }),
  };
  const { status } = await answer(answering(body));
  expect(status).toBe(500);
  expect(events).toEqual(["next"]);
});

test("S12 an iterable without close and return is simply left", async () => {
  const body = { [Symbol.iterator]: () => ({ next: () => ({ done: false, value: latin1("a") }) }) };
  const { response, waiting, lines } = start(answering(body));
  const stream = await streamOf(response);
  expect(await next(stream)).toBe("a");
  stream.cancel();
  await Promise.all(waiting);
  expect(lines).toEqual([]);
});

test("S16 nothing of the body is touched but its iterator and close", async () => {
  const touched = new Set<string>();
  const body: Body = new Proxy(new RecordedBody(latin1("a")), {
    get(target, key) {
      touched.add(String(key));
      const value: unknown = Reflect.get(target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const response = await answer(answering(body));
  expect(response.body).toBe("a");
  expect(touched).toEqual(new Set(["Symbol(Symbol.asyncIterator)", "close"]));
});

test.each([
  ["throws", () => thrower()],
  ["rejects", () => Promise.reject(new Error("SECRET"))],
])("F11 close that %s is logged in one line and changes nothing", async (_how, close) => {
  const response = await answer(
    answering(Object.assign([latin1("hello")], { close: () => close() })),
  );
  expect(response).toMatchObject({
    status: 200,
    headers: [["Content-Length", "5"]],
    body: "hello",
    broken: false,
    lines: [expect.stringMatching(/^dram: GET \/x: [^\n]*SECRET[^\n]*\n$/)],
  });
});

test("F11 close that throws after HEAD is logged and changes nothing", async () => {
  const response = await answer(
    answering(Object.assign([latin1("hello")], { close: () => thrower() })),
    { method: "HEAD" },
  );
  expect(response).toMatchObject({
    status: 200,
    body: null,
    lines: [expect.stringContaining("SECRET")],
  });
});

test("F11 close that throws does not hide the error of the iteration", async () => {
  const body = {
    *[Symbol.iterator](): Generator<Uint8Array, void, void> {
      yield latin1("a");
      throw new Error("FIRST");
    },
    close: () => thrower(),
  };
  const { chunks, error, lines } = await answer(answering(body));
  expect(chunks).toEqual(["a"]);
  expect(error).toEqual(new Error("FIRST"));
  expect(lines).toEqual([expect.stringContaining("FIRST"), expect.stringContaining("SECRET")]);
});

test("F11 a finally that throws does not keep close from being called", async () => {
  const events: string[] = [];
  const body = {
    *[Symbol.iterator](): Generator<Uint8Array, void, void> {
      try {
        yield latin1("a");
        yield latin1("b");
      } finally {
        thrower();
      }
    },
    close() {
      events.push("close");
    },
  };
  const { response, waiting, lines } = start(answering(body));
  const stream = await streamOf(response);
  expect(await next(stream)).toBe("a");
  stream.cancel();
  await Promise.all(waiting);
  expect(events).toEqual(["close"]);
  expect(lines).toEqual([expect.stringContaining("SECRET")]);
});

test("F11 close that is no function is logged and changes nothing", async () => {
  const response = await answer(answering(anything(Object.assign([latin1("a")], { close: true }))));
  expect(response).toMatchObject({ status: 200, body: "a", broken: false });
  expect(response.lines).toEqual([expect.stringContaining("close")]);
});

test("F11 the response does not wait for close", async () => {
  const closing = Promise.withResolvers<void>();
  const application: Application = answering(
    Object.assign([latin1("hello")], { close: () => closing.promise }),
  );
  const { response, waiting } = start(application, { method: "HEAD" });
  expect((await response).status).toBe(200);
  expect(waiting).toHaveLength(1);
  closing.resolve();
  await Promise.all(waiting);
});

test("F11 the end of the body does not wait for close", async () => {
  const closing = Promise.withResolvers<void>();
  const body = Object.assign([latin1("hello")], { close: () => closing.promise });
  const { response, waiting } = start(answering(body));
  const stream = await streamOf(response);
  expect(await next(stream)).toBe("hello");
  expect(await next(stream)).toBe(null);
  closing.resolve();
  await Promise.all(waiting);
});

test("S12 the platform stays alive until close has settled", async () => {
  const closing = Promise.withResolvers<void>();
  const body = Object.assign([latin1("hello")], { close: () => closing.promise });
  const { response, waiting } = start(answering(body));
  const stream = await streamOf(response);
  expect(await next(stream)).toBe("hello");
  expect(waiting).toEqual([]);
  expect(await next(stream)).toBe(null);
  expect(waiting).toHaveLength(1);
  let alive = true;
  Promise.all(waiting).then(() => {
    alive = false;
  });
  await idle();
  expect(alive).toBe(true);
  closing.resolve();
  await Promise.all(waiting);
  expect(alive).toBe(false);
});

test("F11 close that never settles is given up after 5 s, and logged", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const body = Object.assign([latin1("hello")], { close: () => new Promise<void>(() => {}) });
  const { response, waiting, lines } = start(answering(body));
  const stream = await streamOf(response);
  expect([await next(stream), await next(stream)]).toEqual(["hello", null]);
  await vi.advanceTimersByTimeAsync(4_999);
  expect(lines).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  await Promise.all(waiting);
  expect(lines).toEqual([
    expect.stringMatching(/^dram: GET \/x: ERR_CLOSE_TIMEOUT: .*close\(\).*5000 ms\n$/),
  ]);
});

test("F11 a finally that never settles is given up after 5 s, logged, and followed by close", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const events: string[] = [];
  const body = {
    async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
      try {
        yield latin1("a");
        yield latin1("b");
      } finally {
        await new Promise<void>(() => {});
      }
    },
    close() {
      events.push("close");
    },
  };
  const { response, waiting, lines } = start(answering(body));
  const stream = await streamOf(response);
  expect(await next(stream)).toBe("a");
  stream.cancel();
  await vi.advanceTimersByTimeAsync(4_999);
  expect({ events, lines }).toEqual({ events: [], lines: [] });
  await vi.advanceTimersByTimeAsync(1);
  await Promise.all(waiting);
  expect(events).toEqual(["close"]);
  expect(lines).toEqual([expect.stringContaining("ERR_CLOSE_TIMEOUT")]);
});

test("F11 a step that never settles holds up neither the client's leaving nor close", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const body = new RecordedBody(latin1("a"), () => new Promise<void>(() => {}));
  const { response, waiting, lines } = start(answering(body));
  const stream = await streamOf(response);
  expect(await next(stream)).toBe("a");
  const pending = next(stream);
  stream.cancel();
  expect(await pending).toBe(null);
  expect(body.events).toEqual(["yield a", "close"]);
  await vi.advanceTimersByTimeAsync(5_000);
  await Promise.all(waiting);
  expect(lines).toEqual([expect.stringContaining("ERR_CLOSE_TIMEOUT")]);
});

test("F11 close that settles leaves no timer behind", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  await answer(answering(Object.assign([latin1("a")], { close: async () => {} })));
  expect(vi.getTimerCount()).toBe(0);
});

test("S12 wsgi.input can be read in close, and no longer after it", async () => {
  const read: string[] = [];
  let late: Promise<unknown> | undefined;
  const { response, waiting } = start(
    (environ, startResponse) => {
      startResponse("200 OK", []);
      return Object.assign([latin1("a")], {
        async close() {
          read.push(Buffer.from(await environ["wsgi.input"].read(3)).toString());
          late = Promise.all(waiting).then(() => environ["wsgi.input"].read());
          late.catch(() => {});
        },
      });
    },
    { method: "POST", body: ["one", "two"] },
  );
  const stream = await streamOf(response);
  expect([await next(stream), await next(stream)]).toEqual(["a", null]);
  await Promise.all(waiting);
  expect(read).toEqual(["one"]);
  await expect(late).rejects.toThrow(coded("ERR_CLOSED"));
});

/** A body whose next chunk after these is a string. */
function badChunkAfter(chunks: Uint8Array[], events: string[]): Body {
  return {
    *[Symbol.iterator](): Generator<Uint8Array, void, void> {
      try {
        yield* chunks;
        yield anything("a string");
      } finally {
        events.push("finally");
      }
    },
    close() {
      events.push("close");
    },
  };
}

/** A body without close, and the calls of its iterator. */
function iterable(chunks: readonly string[]): { events: string[]; body: Body } {
  const events: string[] = [];
  const rest = [...chunks];
  const body = {
    [Symbol.iterator]() {
      events.push("iterator");
      return {
        next(): IteratorResult<Uint8Array> {
          events.push("next");
          const chunk = rest.shift();
          return chunk === undefined
            ? { done: true, value: undefined }
            : { done: false, value: latin1(chunk) };
        },
        return(): IteratorResult<Uint8Array> {
          events.push("return");
          return { done: true, value: undefined };
        },
      };
    },
  };
  return { events, body };
}

function thrower(): never {
  throw new Error("SECRET");
}
