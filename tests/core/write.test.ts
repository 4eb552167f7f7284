import { type Body, type StartResponse, text, type Write } from "dram";
import { toFetch } from "dram/fetch";
import { expect, test } from "vitest";
import {
  answer,
  answering,
  next,
  RecordedBody,
  start,
  streamOf,
  thrownBy,
  untyped,
} from "./exchangehelpers.ts";
import { coded, idle, Log, latin1 } from "./helpers.ts";

test("B20 what is yielded follows all that was written, and no length is inferred", async () => {
  const response = await answer((_environ, startResponse) => {
    const write = startResponse("200 OK", []);
    write(latin1("a"));
    write(latin1("b"));
    return [latin1("c")];
  });
  expect(response).toMatchObject({
    status: 200,
    headers: [],
    length: undefined,
    chunks: ["a", "b", "c"],
    broken: false,
    lines: [],
  });
});

test("S51 an async iterable returned after write follows all that was written", async () => {
  const { chunks } = await answer(async (_environ, startResponse) => {
    const write = startResponse("200 OK", []);
    write(latin1("a"));
    await idle();
    write(latin1("b"));
    return new RecordedBody(latin1("c"), latin1("d"));
  });
  expect(chunks).toEqual(["a", "b", "c", "d"]);
});

test("S51 a text returned after write follows all that was written", async () => {
  const { chunks } = await answer((_environ, startResponse) => {
    startResponse("200 OK", [])(latin1("a"));
    return text("\u00e9");
  });
  expect(chunks).toEqual(["a", "\u00c3\u00a9"]);
});

test("B23 writes that are not awaited keep their order", async () => {
  const { chunks } = await answer(async (_environ, startResponse) => {
    const write = startResponse("200 OK", []);
    write(latin1("1"));
    write(latin1("2"));
    write(latin1("3"));
    return [];
  });
  expect(chunks).toEqual(["1", "2", "3"]);
});

test("B23 writes of two tasks keep the order of the calls", async () => {
  const { chunks } = await answer(async (_environ, startResponse) => {
    const write = startResponse("200 OK", []);
    const task = async (names: string[]): Promise<void> => {
      for (const name of names) {
        await write(latin1(name));
      }
    };
    await Promise.all([task(["a1", "a2"]), task(["b1", "b2"])]);
    return [];
  });
  expect(chunks).toEqual(["a1", "b1", "a2", "b2"]);
});

test("S50 write commits while the application still runs", async () => {
  const work = Promise.withResolvers<Body>();
  const { response } = start((_environ, startResponse) => {
    startResponse("201 Created", [["X-A", "1"]])(latin1("a"));
    return work.promise;
  });
  const { status, headers } = await response;
  const stream = await streamOf(response);
  expect({ status, headers }).toEqual({ status: 201, headers: [["X-A", "1"]] });
  expect(await next(stream)).toBe("a");
  work.resolve([latin1("b")]);
  expect(await next(stream)).toBe("b");
  expect(await next(stream)).toBe(null);
});

test("S50 write commits also when the application has been awaited before", async () => {
  const work = Promise.withResolvers<Body>();
  const { response } = start(async (_environ, startResponse) => {
    await idle();
    startResponse("201 Created", [])(latin1("a"));
    return work.promise;
  });
  const stream = await streamOf(response);
  expect(await next(stream)).toBe("a");
  work.resolve([]);
  expect(await next(stream)).toBe(null);
});

test.each([
  ["at once", (write: () => void) => write()],
  ["after an await", (write: () => void) => idle().then(write)],
])(
  "S50 the platform stays alive for an application that writes %s and still runs",
  async (_when, call) => {
    const work = Promise.withResolvers<Body>();
    let alive = true;
    const { response, waiting } = start((_environ, startResponse) => {
      const write = startResponse("200 OK", []);
      call(() => write(latin1("a")));
      return work.promise;
    });
    const stream = await streamOf(response);
    expect(waiting).toHaveLength(1);
    Promise.all(waiting).then(() => {
      alive = false;
    });
    expect(await next(stream)).toBe("a");
    expect(alive).toBe(true);
    work.resolve([]);
    expect(await next(stream)).toBe(null);
    await Promise.all(waiting);
  },
);

test("S50 no platform is asked to stay alive for an application that does not write", async () => {
  const { response, waiting } = start(async (_environ, startResponse) => {
    startResponse("200 OK", []);
    return [latin1("a")];
  });
  await response;
  expect(waiting).toEqual([]);
});

test("B22 an empty write commits", async () => {
  const work = Promise.withResolvers<Body>();
  const { response } = start((_environ, startResponse) => {
    startResponse("201 Created", [])(new Uint8Array(0));
    return work.promise;
  });
  expect((await response).status).toBe(201);
  work.resolve([latin1("late")]);
  expect(await next(await streamOf(response))).toBe("late");
});

test("S48 an empty write puts no empty chunk into the body", async () => {
  const { chunks } = await answer(async (_environ, startResponse) => {
    const write = startResponse("200 OK", []);
    await write(new Uint8Array(0));
    write(latin1("a"));
    write(new Uint8Array(0));
    write(latin1("b"));
    return [];
  });
  expect(chunks).toEqual(["a", "b"]);
});

test("S50 an empty write settles without anybody asking for a chunk", async () => {
  let settled = false;
  const { response } = start(async (_environ, startResponse) => {
    await startResponse("200 OK", [])(new Uint8Array(0));
    settled = true;
    return [];
  });
  await response;
  await idle();
  expect(settled).toBe(true);
});

test("S49 a write settles only when the next chunk is asked for", async () => {
  const settled: string[] = [];
  const { response } = start(async (_environ, startResponse) => {
    const write = startResponse("200 OK", []);
    for (const name of ["a", "b", "c"]) {
      await write(latin1(name));
      settled.push(name);
    }
    return [];
  });
  const stream = await streamOf(response);
  await idle();
  expect(settled).toEqual([]);

  expect(await next(stream)).toBe("a");
  await idle();
  expect(settled).toEqual([]);

  expect(await next(stream)).toBe("b");
  await idle();
  expect(settled).toEqual(["a"]);

  expect(await next(stream)).toBe("c");
  await idle();
  expect(settled).toEqual(["a", "b"]);

  expect(await next(stream)).toBe(null);
  expect(settled).toEqual(["a", "b", "c"]);
});

test("S49 a chunk leaves while the application works on the next", async () => {
  const work = Promise.withResolvers<void>();
  const { response } = start(async (_environ, startResponse) => {
    const write = startResponse("200 OK", []);
    await write(latin1("a"));
    await work.promise;
    await write(latin1("b"));
    return [];
  });
  const stream = await streamOf(response);
  expect(await next(stream)).toBe("a");
  const second = next(stream);
  work.resolve();
  expect(await second).toBe("b");
  expect(await next(stream)).toBe(null);
});

test("S50 the chunk is handed over as the very object", async () => {
  const chunk = latin1("abc");
  const { response } = start((_environ, startResponse) => {
    startResponse("200 OK", [])(chunk);
    return [];
  });
  const stream = await streamOf(response);
  expect(await stream.next()).toBe(chunk);
});

test("S54 write throws for anything but bytes, and commits nothing", async () => {
  const thrown: unknown[] = [];
  const response = await answer(
    untyped((_environ, startResponse) => {
      const write: (chunk: never) => unknown = startResponse("200 OK", []);
      for (const chunk of ["a", 1, null, undefined, [97], new ArrayBuffer(1)]) {
        thrown.push(thrownBy(() => Reflect.apply(write, undefined, [chunk])));
      }
      startResponse("500 Oops", [], thrown[0]);
      return [];
    }),
  );
  expect(thrown).toEqual(Array(6).fill(coded("ERR_CHUNK_TYPE")));
  expect(response).toMatchObject({ status: 500, reason: "Oops", body: "" });
});

test("S43 write after a startResponse that failed throws", async () => {
  let thrown: unknown;
  await answer((_environ, startResponse) => {
    const write = startResponse("200 OK", []);
    const error = thrownBy(() => startResponse("500 Oops", [["X A", "1"]], new Error("exc")));
    thrown = thrownBy(() => write(latin1("a")));
    throw error;
  });
  expect(thrown).toEqual(coded("ERR_NOT_STARTED"));
});

test("S40 the first write sends what startResponse was given last", async () => {
  const { status, headers, body } = await answer((_environ, startResponse) => {
    const write = startResponse("200 OK", [["X-A", "1"]]);
    startResponse("503 Busy", [["X-B", "2"]], new Error("exc"));
    write(latin1("busy"));
    return [];
  });
  expect({ status, headers, body }).toEqual({
    status: 503,
    headers: [["X-B", "2"]],
    body: "busy",
  });
});

test("B28 write past Content-Length throws, and sends what fits", async () => {
  let thrown: unknown;
  const response = await answer((_environ, startResponse) => {
    const write = startResponse("200 OK", [["Content-Length", "3"]]);
    thrown = thrownBy(() => write(latin1("12345")));
    return [];
  });
  expect(thrown).toEqual(coded("ERR_CONTENT_LENGTH"));
  expect(response).toMatchObject({ body: "123", broken: false });
});

test("S44 write throws when Content-Length has been reached before", async () => {
  let thrown: unknown;
  const response = await answer((_environ, startResponse) => {
    const write = startResponse("200 OK", [["Content-Length", "3"]]);
    write(latin1("123"));
    thrown = thrownBy(() => write(latin1("4")));
    return [latin1("5")];
  });
  expect(thrown).toEqual(coded("ERR_CONTENT_LENGTH"));
  expect(response).toMatchObject({ body: "123", broken: false });
});

test("S44 the body returned after write is cut at Content-Length", async () => {
  const { body, broken } = await answer((_environ, startResponse) => {
    startResponse("200 OK", [["Content-Length", "3"]])(latin1("12"));
    return [latin1("345"), latin1("6")];
  });
  expect({ body, broken }).toEqual({ body: "123", broken: false });
});

test("S44 an uncaught error of a write past Content-Length breaks the body and is logged", async () => {
  const { body, broken, lines } = await answer((_environ, startResponse) => {
    startResponse("200 OK", [["Content-Length", "3"]])(latin1("12345"));
    return [];
  });
  expect({ body, broken }).toEqual({ body: "123", broken: true });
  expect(lines).toEqual([expect.stringContaining("ERR_CONTENT_LENGTH")]);
});

test("S45 fewer bytes written than Content-Length break the body and are logged", async () => {
  const response = await answer((_environ, startResponse) => {
    startResponse("200 OK", [["Content-Length", "10"]])(latin1("12345"));
    return [];
  });
  expect(response).toMatchObject({
    status: 200,
    body: "12345",
    broken: true,
    error: coded("ERR_CONTENT_LENGTH"),
    lines: [expect.stringContaining("5 bytes short")],
  });
});

test("S50 write after the application has returned is refused", async () => {
  let late: Write | undefined;
  const { response } = start((_environ, startResponse) => {
    late = startResponse("200 OK", []);
    return new RecordedBody(latin1("a"));
  });
  await response;
  expect(() => late?.(latin1("b"))).toThrow(coded("ERR_CLOSED"));
});

test("S50 write is refused inside the iteration, which is broken by it", async () => {
  const { chunks, broken, error } = await answer(function* (_environ, startResponse) {
    const write = startResponse("200 OK", []);
    yield latin1("a");
    write(latin1("b"));
  });
  expect({ chunks, broken }).toEqual({ chunks: ["a"], broken: true });
  expect(error).toEqual(coded("ERR_CLOSED"));
});

test("B21 write of another request, which has ended, is refused", async () => {
  let saved: Write | undefined;
  await answer((_environ, startResponse) => {
    saved = startResponse("200 OK", []);
    return [];
  });
  const { body } = await answer((_environ, startResponse) => {
    startResponse("200 OK", []);
    expect(() => saved?.(latin1("crossed"))).toThrow(coded("ERR_CLOSED"));
    return [latin1("own")];
  });
  expect(body).toBe("own");
});

test.each([
  ["HEAD", "200 OK", []],
  ["HEAD", "200 OK", [["Content-Length", "3"]]],
  ["GET", "304 Not Modified", []],
] satisfies [string, string, [string, string][]][])(
  "S50 write to %s with %s %j sends no byte and settles",
  async (method, status, headers) => {
    let settled = false;
    const response = await answer(
      async (_environ, startResponse) => {
        const write = startResponse(status, headers);
        await write(latin1("abc"));
        settled = true;
        return new RecordedBody(latin1("d"));
      },
      { method },
    );
    expect(settled).toBe(true);
    expect(response).toMatchObject({
      status: Number(status.slice(0, 3)),
      headers,
      body: null,
      broken: false,
    });
  },
);

test("S50 write with 204 sends no byte, and the body returned is closed", async () => {
  const body = new RecordedBody(latin1("d"));
  const response = await answer((_environ, startResponse) => {
    startResponse("204 No Content", [["Content-Length", "3"]])(latin1("abc"));
    return body;
  });
  expect(response).toMatchObject({ status: 204, headers: [], body: null });
  expect(body.events).toEqual(["close"]);
});

test("B24 write and then throw sends the chunk, then breaks, and is logged once", async () => {
  const error = new Error("SECRET");
  const response = await answer((_environ, startResponse) => {
    startResponse("200 OK", [])(latin1("a"));
    throw error;
  });
  expect(response).toMatchObject({
    status: 200,
    chunks: ["a"],
    broken: true,
    lines: [expect.stringMatching(/^dram: GET \/x: .*SECRET[^\n]*\n$/)],
  });
  expect(response.error).toBe(error);
});

test("B24 write and then reject sends all chunks, then breaks, and is logged once", async () => {
  const error = new Error("SECRET");
  const response = await answer(async (_environ, startResponse) => {
    const write = startResponse("200 OK", []);
    write(latin1("a"));
    write(latin1("b"));
    await idle();
    throw error;
  });
  expect(response).toMatchObject({
    status: 200,
    chunks: ["a", "b"],
    broken: true,
    lines: [expect.stringContaining("SECRET")],
  });
  expect(response.error).toBe(error);
});

test("B24 write and then return no body sends the chunk, then breaks", async () => {
  const response = await answer(
    untyped((_environ, startResponse) => {
      startResponse("200 OK", [])(latin1("a"));
      return undefined;
    }),
  );
  expect(response).toMatchObject({
    status: 200,
    chunks: ["a"],
    broken: true,
    error: coded("ERR_BODY_TYPE"),
    lines: [expect.stringContaining("ERR_BODY_TYPE")],
  });
});

test("B24 write to HEAD and then throw answers what was committed, and is logged", async () => {
  const response = await answer(
    async (_environ, startResponse) => {
      startResponse("201 Created", [])(latin1("a"));
      throw new Error("SECRET");
    },
    { method: "HEAD" },
  );
  expect(response).toMatchObject({
    status: 201,
    body: null,
    lines: [expect.stringContaining("SECRET")],
  });
});

test("S55 when the client leaves, a write that waits rejects, and nothing is unhandled", async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on("unhandledRejection", note);
  const rejected = Promise.withResolvers<unknown>();
  const { response, lines, waiting } = start(async (_environ, startResponse) => {
    const write = startResponse("200 OK", []);
    write(latin1("taken"));
    write(latin1("not awaited"));
    await write(latin1("awaited")).catch(rejected.resolve);
    write(latin1("after the end"));
    return [];
  });
  const stream = await streamOf(response);
  expect(await next(stream)).toBe("taken");
  stream.cancel();
  expect(await rejected.promise).toEqual(coded("ERR_CLIENT_DISCONNECTED"));
  expect(await next(stream)).toBe(null);
  await Promise.all(waiting);
  await idle();
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
  expect(lines).toEqual([]);
});

test("S55 an application that does not catch that its client has left is no fault to log", async () => {
  const { response, lines, waiting } = start(async (_environ, startResponse) => {
    const write = startResponse("200 OK", []);
    for (;;) {
      await write(latin1("tick"));
    }
  });
  const stream = await streamOf(response);
  expect(await next(stream)).toBe("tick");
  stream.cancel();
  await Promise.all(waiting);
  expect(lines).toEqual([]);
});

test("S55 what an application throws after its client has left is logged", async () => {
  const work = Promise.withResolvers<Body>();
  const { response, lines, waiting } = start((_environ, startResponse) => {
    startResponse("200 OK", [])(latin1("a"));
    return work.promise;
  });
  const stream = await streamOf(response);
  stream.cancel();
  work.reject(new Error("SECRET"));
  await Promise.all(waiting);
  expect(lines).toEqual([expect.stringContaining("SECRET")]);
});

test("S12 the body returned after the client has left is closed and not iterated", async () => {
  const work = Promise.withResolvers<Body>();
  const body = new RecordedBody(latin1("b"));
  const { response, waiting } = start((_environ, startResponse) => {
    startResponse("200 OK", [])(latin1("a"));
    return work.promise;
  });
  const stream = await streamOf(response);
  stream.cancel();
  work.resolve(body);
  await Promise.all(waiting);
  await idle();
  expect(body.events).toEqual(["close"]);
});

test("S49 the client may leave while a chunk is awaited", async () => {
  const work = Promise.withResolvers<Body>();
  const { response } = start((_environ, startResponse) => {
    startResponse("200 OK", [])(latin1("a"));
    return work.promise;
  });
  const stream = await streamOf(response);
  expect(await next(stream)).toBe("a");
  const pending = next(stream);
  stream.cancel();
  expect(await pending).toBe(null);
  work.resolve([]);
});

test("S50 toFetch answers at the first write, with the application still at work", async () => {
  const work = Promise.withResolvers<Body>();
  const handle = toFetch(
    (_environ, startResponse) => {
      startResponse("201 Created", [["X-A", "1"]])(latin1("a"));
      return work.promise;
    },
    { errors: new Log() },
  );
  const response = await handle(new Request("http://localhost/"));
  expect(response.status).toBe(201);
  expect(response.headers.get("x-a")).toBe("1");
  work.resolve([latin1("b")]);
  expect(await response.text()).toBe("ab");
});

test("S45 through toFetch an application that throws after write breaks the body", async () => {
  const handle = toFetch(
    async (_environ, startResponse) => {
      startResponse("200 OK", [])(latin1("a"));
      throw new Error("SECRET");
    },
    { errors: new Log() },
  );
  const response = await handle(new Request("http://localhost/"));
  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toThrow();
});

test("S50 an application that only writes and one that only returns send the same bytes", async () => {
  const written = await answer((_environ: unknown, startResponse: StartResponse) => {
    startResponse("200 OK", [])(latin1("abc"));
    return [];
  });
  const returned = await answer(answering([latin1("abc")]));
  expect([written.body, returned.body]).toEqual(["abc", "abc"]);
});
