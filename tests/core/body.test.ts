import {
  type Application,
  type Body,
  closing,
  type FileLike,
  type FileWrapper,
  type HeaderList,
  json,
  mapBody,
  mapWrites,
  type StartResponse,
  serialize,
  text,
  type Write,
} from "dram";
import { toFetch } from "dram/fetch";
import { afterEach, describe, expect, test, vi } from "vitest";
import { chunksOf, coded, environOf, idle, Log, latin1, native } from "./helpers.ts";

const ignored: StartResponse = () => async () => {};

function upper(chunk: Uint8Array): Uint8Array {
  return latin1(native(chunk).toUpperCase());
}

/** A body of each kind, which notes what is done to it. */
class Noted {
  readonly events: string[] = [];
  #fail: unknown;

  /** @param fail What `close()` throws. */
  constructor(fail?: unknown) {
    this.#fail = fail;
  }

  close(): void {
    this.events.push("close");
    if (this.#fail !== undefined) {
      throw this.#fail;
    }
  }

  array(...chunks: string[]): Body {
    return Object.assign(chunks.map(latin1), { close: () => this.close() });
  }

  sync(...chunks: string[]): Body {
    const { events } = this;
    function* yielding() {
      try {
        for (const chunk of chunks) {
          events.push(chunk);
          yield latin1(chunk);
        }
      } finally {
        events.push("end");
      }
    }
    return { [Symbol.iterator]: yielding, close: () => this.close() };
  }

  async(...chunks: string[]): Body {
    const { events } = this;
    async function* yielding() {
      try {
        for (const chunk of chunks) {
          await idle();
          events.push(chunk);
          yield latin1(chunk);
        }
      } finally {
        events.push("end");
      }
    }
    return { [Symbol.asyncIterator]: yielding, close: () => this.close() };
  }
}

/** A body that is an instance of a class, whose methods need their `this`. */
class Rows {
  #chunks: readonly string[];
  closed = 0;

  constructor(...chunks: string[]) {
    this.#chunks = chunks;
  }

  *[Symbol.iterator](): Generator<Uint8Array> {
    yield* this.#chunks.map(latin1);
  }

  close(): void {
    this.closed++;
  }
}

function answering(body: (startResponse: StartResponse) => Body | Promise<Body>): Application {
  return (_environ, startResponse) => {
    startResponse("200 OK", [["Content-Type", "text/plain"]]);
    return body(startResponse);
  };
}

async function fetched(application: Application, errors: Log = new Log()): Promise<Response> {
  return toFetch(application, { errors })(new Request("http://h.example/"));
}

describe("text", () => {
  test("is one chunk, the text in UTF-8", async () => {
    expect(await chunksOf(text("caf\xe9 \u20ac"))).toEqual(["caf\xc3\xa9 \xe2\x82\xac"]);
  });

  test("can be iterated like any body, by everyone anew", async () => {
    const body = text("a");
    expect([await chunksOf(body), await chunksOf(body)]).toEqual([["a"], ["a"]]);
  });

  test("turns a lone surrogate into U+FFFD", async () => {
    expect(await chunksOf(text("\ud800"))).toEqual(["\xef\xbf\xbd"]);
    const response = await fetched(answering(() => text("a\ud800b")));
    expect(await response.text()).toBe("a\ufffdb");
  });

  test("is delivered without a Content-Type of the platform's", async () => {
    const response = await fetched((_environ, startResponse) => {
      startResponse("200 OK", []);
      return text("caf\xe9");
    });
    expect(response.headers.get("content-type")).toBe(null);
    expect(await response.text()).toBe("caf\xe9");
  });

  test("goes through a middleware as a chunk", async () => {
    const response = await fetched(answering(() => mapBody(text("hello"), upper)));
    expect(await response.text()).toBe("HELLO");
  });

  test.each([
    ["a number", 42],
    ["undefined", undefined],
    ["bytes", latin1("a")],
  ])("S54 of %s is the application's error, answered 500", async (_name, content) => {
    const errors = new Log();
    const wrong: unknown = content;
    const response = await fetched(
      answering(() => text(wrong as string)),
      errors,
    );
    expect(response.status).toBe(500);
    expect(errors.writes).toHaveLength(1);
  });
});

describe("json", () => {
  test.each([
    [{ a: [1, "\u20ac", null] }, '{"a":[1,"\xe2\x82\xac",null]}'],
    [null, "null"],
    ["", '""'],
    [0, "0"],
    [[], "[]"],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'],
  ])("of %j is one chunk", async (value, expected) => {
    expect(await chunksOf(json(value))).toEqual([expected]);
  });

  test.each([
    ["undefined", undefined],
    ["a function", () => 1],
    ["a symbol", Symbol("a")],
    ["an object whose toJSON gives undefined", { toJSON: () => undefined }],
    ["a bigint", 1n],
    [
      "a cycle",
      (() => {
        const cycle: { self?: unknown } = {};
        cycle.self = cycle;
        return cycle;
      })(),
    ],
  ])("of %s, which JSON has no text for, is ERR_JSON", (_name, value) => {
    expect(() => json(value)).toThrow(coded("ERR_JSON"));
  });
});

describe("mapBody", () => {
  test("an array stays an array", () => {
    expect(mapBody([latin1("a"), latin1(""), latin1("b")], upper)).toEqual([
      latin1("A"),
      latin1(""),
      latin1("B"),
    ]);
  });

  test("an array with close stays an array with close", async () => {
    const noted = new Noted();
    const mapped = mapBody(noted.array("a", "b"), upper);
    expect(Array.isArray(mapped)).toBe(true);
    expect(await chunksOf(mapped)).toEqual(["A", "B"]);
    await mapped.close?.();
    expect(noted.events).toEqual(["close"]);
  });

  test("does not change the application's array", () => {
    const body = [latin1("a")];
    mapBody(body, upper);
    expect(body).toEqual([latin1("a")]);
  });

  test("a synchronous body stays synchronous", () => {
    const mapped = mapBody(new Rows("a", "b"), upper);
    expect(Symbol.iterator in mapped).toBe(true);
    expect(Symbol.asyncIterator in mapped).toBe(false);
  });

  test.each(["array", "sync", "async"] as const)(
    "M2 gives one chunk for each: %s",
    async (kind) => {
      const mapped = mapBody(new Noted()[kind]("a", "", "b"), upper);
      expect(await chunksOf(mapped)).toEqual(["A", "", "B"]);
    },
  );

  test.each(["sync", "async"] as const)(
    "M3 takes a chunk from the body only when it is asked for one: %s",
    async (kind) => {
      const noted = new Noted();
      const mapped = mapBody(noted[kind]("a", "b", "c"), upper);
      expect(noted.events).toEqual([]);
      for await (const chunk of mapped) {
        expect(native(chunk)).toBe("A");
        break;
      }
      expect(noted.events).toEqual(["a", "end"]);
    },
  );

  test("the body of a promise is mapped when it is there", async () => {
    const mapped = mapBody(Promise.resolve([latin1("a")]), upper);
    expect(mapped).toBeInstanceOf(Promise);
    expect(await mapped).toEqual([latin1("A")]);
  });

  test("a promise that rejects does so unchanged", async () => {
    const error = new Error("no body");
    await expect(mapBody(Promise.reject<Body>(error), upper)).rejects.toBe(error);
  });

  test("an array without close gets none", () => {
    expect(mapBody([latin1("a")], upper).close).toBe(undefined);
  });

  test("M5 close is called with the body as this, and once", async () => {
    const body = new Rows("a");
    const mapped = mapBody(body, upper);
    expect(await chunksOf(mapped)).toEqual(["A"]);
    expect(body.closed).toBe(0);
    await mapped.close?.();
    expect(body.closed).toBe(1);
  });

  test.each(["array", "sync", "async"] as const)(
    "M5 S12 the gateway closes the body exactly once through it: %s",
    async (kind) => {
      const noted = new Noted();
      const response = await fetched(answering(() => mapBody(noted[kind]("a", "b"), upper)));
      expect(await response.text()).toBe("AB");
      await idle();
      expect(noted.events.filter((event) => event === "close")).toHaveLength(1);
      expect(noted.events.at(-1)).toBe("close");
    },
  );

  test.each(["array", "sync", "async"] as const)(
    "M5 S12 the gateway closes the body exactly once if transform throws: %s",
    async (kind) => {
      const noted = new Noted();
      const errors = new Log();
      const response = await fetched(
        answering(() =>
          mapBody(noted[kind]("a", "b"), () => {
            throw new Error("not transformed");
          }),
        ),
        errors,
      );
      expect(response.status).toBe(500);
      await idle();
      expect(errors.writes).toEqual([expect.stringContaining("not transformed")]);
      expect(noted.events.filter((event) => event === "close")).toHaveLength(1);
    },
  );

  test("M5 a body that is never iterated is closed all the same", async () => {
    const noted = new Noted();
    const handle = toFetch(answering(() => mapBody(noted.async("a", "b"), upper)));
    const response = await handle(new Request("http://h.example/", { method: "HEAD" }));
    expect(response.status).toBe(200);
    await idle();
    expect(noted.events).toEqual(["close"]);
  });
});

describe("mapWrites", () => {
  interface Call {
    status: string;
    headers: HeaderList;
    rest: unknown[];
  }

  function recording(): { calls: Call[]; written: string[]; startResponse: StartResponse } {
    const calls: Call[] = [];
    const written: string[] = [];
    return {
      calls,
      written,
      startResponse: (status, headers, ...rest) => {
        calls.push({ status, headers, rest });
        return async (chunk) => {
          written.push(native(chunk));
        };
      },
    };
  }

  test("M6 drops Content-Length in any case and keeps all else in order", () => {
    const { calls, startResponse } = recording();
    mapWrites(startResponse, upper)("200 OK", [
      ["X-A", "1"],
      ["Content-Length", "5"],
      ["Set-Cookie", "a=1"],
      ["CONTENT-LENGTH", "5"],
      ["Set-Cookie", "b=2"],
      ["X-Content-Length", "5"],
    ]);
    expect(calls).toEqual([
      {
        status: "200 OK",
        headers: [
          ["X-A", "1"],
          ["Set-Cookie", "a=1"],
          ["Set-Cookie", "b=2"],
          ["X-Content-Length", "5"],
        ],
        rest: [undefined],
      },
    ]);
  });

  test("M6 drops it at a repeated call, too, and hands on the error", () => {
    const { calls, startResponse } = recording();
    const mapped = mapWrites(startResponse, upper);
    const error = new Error("late");
    mapped("200 OK", [["Content-Length", "5"]]);
    mapped("500 Oops", [["content-length", "23"]], error);
    expect(calls.map(({ status, headers }) => [status, headers])).toEqual([
      ["200 OK", []],
      ["500 Oops", []],
    ]);
    expect(calls[1]?.rest[0]).toBe(error);
  });

  test("does not change the application's list", () => {
    const { startResponse } = recording();
    const headers: HeaderList = [["Content-Length", "5"]];
    mapWrites(startResponse, upper)("200 OK", headers);
    expect(headers).toEqual([["Content-Length", "5"]]);
  });

  test("transforms what is written, in order", async () => {
    const { written, startResponse } = recording();
    const write = mapWrites(startResponse, upper)("200 OK", []);
    await Promise.all([write(latin1("a")), write(latin1("")), write(latin1("b"))]);
    expect(written).toEqual(["A", "", "B"]);
  });

  test("gives back the gateway's own promise for a write", async () => {
    const taken = Promise.resolve();
    const inner: StartResponse = () => () => taken;
    expect(mapWrites(inner, upper)("200 OK", [])(latin1("a"))).toBe(taken);
  });

  test("throws what startResponse throws", () => {
    const error = new Error("refused");
    const inner: StartResponse = () => {
      throw error;
    };
    expect(() => mapWrites(inner, upper)("200 OK", [])).toThrow(error);
  });

  test.each([
    ["null", null],
    ["a list with null in it", [null]],
    ["a number as name", [[5, "a"]]],
  ])("leaves it to the gateway to refuse headers that are %s", async (_name, headers) => {
    const errors = new Log();
    const wrong: unknown = headers;
    const response = await fetched((_environ, startResponse) => {
      mapWrites(startResponse, upper)("200 OK", wrong as HeaderList);
      return [];
    }, errors);
    expect(response.status).toBe(500);
    expect(errors.writes).toEqual([expect.stringMatching(/: ERR_HEADER(?:S|_NAME): /)]);
  });

  test("X15 with mapBody, both ways out are transformed and no length is wrong", async () => {
    const shouting =
      (application: Application): Application =>
      (environ, startResponse) =>
        mapBody(
          application(
            environ,
            mapWrites(startResponse, (chunk) => double(chunk)),
          ),
          double,
        );
    const double = (chunk: Uint8Array) => latin1(native(chunk).repeat(2));
    const response = await fetched(
      shouting((_environ, startResponse) => {
        const write: Write = startResponse("200 OK", [["Content-Length", "4"]]);
        write(latin1("a"));
        write(latin1("b"));
        return [latin1("c"), latin1("d")];
      }),
    );
    expect(response.headers.get("content-length")).toBe(null);
    expect(await response.text()).toBe("aabbccdd");
  });
});

describe("closing", () => {
  function resource(name: string, events: string[], fail?: unknown) {
    return {
      async close() {
        events.push(`${name} starts`);
        await idle();
        events.push(`${name} ends`);
        if (fail !== undefined) {
          throw fail;
        }
      },
    };
  }

  test("M5 closes the body, then each resource in order, one after the other", async () => {
    const events: string[] = [];
    const body = Object.assign([latin1("a")], resource("body", events));
    const closed = closing(body, resource("first", events), () => void events.push("function"));
    await closed.close?.();
    expect(events).toEqual(["body starts", "body ends", "first starts", "first ends", "function"]);
  });

  test("M5 closes all even if one fails, and throws the first failure", async () => {
    const events: string[] = [];
    const first = new Error("first");
    const body = Object.assign([latin1("a")], resource("body", events, first));
    const closed = closing(
      body,
      () => {
        events.push("function");
        throw new Error("second");
      },
      resource("last", events, new Error("third")),
    );
    await expect(closed.close?.()).rejects.toBe(first);
    expect(events).toEqual(["body starts", "body ends", "function", "last starts", "last ends"]);
  });

  test("M5 throws a failure that is undefined, too", async () => {
    const closed = closing([], () => Promise.reject(undefined));
    await expect(closed.close?.()).rejects.toBe(undefined);
  });

  test("M5 an empty body is closed like any other", async () => {
    const noted = new Noted();
    const closed = closing([], noted);
    expect(Array.isArray(closed)).toBe(true);
    expect(await chunksOf(closed)).toEqual([]);
    await closed.close?.();
    expect(noted.events).toEqual(["close"]);
  });

  test("an array stays an array, and the application's own is not changed", () => {
    const body = [latin1("a"), latin1("b")];
    const closed = closing(body, () => {});
    expect(Array.isArray(closed)).toBe(true);
    expect([...(closed as Iterable<Uint8Array>)]).toEqual([latin1("a"), latin1("b")]);
    expect("close" in body).toBe(false);
  });

  test.each(["array", "sync", "async"] as const)(
    "gives the chunks of the body: %s",
    async (kind) => {
      expect(await chunksOf(closing(new Noted()[kind]("a", "b"), () => {}))).toEqual(["a", "b"]);
    },
  );

  test("methods are called with their object as this", async () => {
    const body = new Rows("a");
    const other = new Rows();
    const closed = closing(body, other);
    expect(await chunksOf(closed)).toEqual(["a"]);
    await closed.close?.();
    expect([body.closed, other.closed]).toEqual([1, 1]);
  });

  test("a resource without close is left alone", async () => {
    const events: string[] = [];
    await closing([], {}, () => void events.push("function")).close?.();
    expect(events).toEqual(["function"]);
  });

  test("S12 the gateway closes everything once, after the last chunk", async () => {
    const noted = new Noted();
    const response = await fetched(
      answering(() => closing(noted.async("a", "b"), () => void noted.events.push("resource"))),
    );
    expect(await response.text()).toBe("ab");
    await idle();
    expect(noted.events).toEqual(["a", "b", "end", "close", "resource"]);
  });

  test("S12 a failure is logged and does not spoil the response", async () => {
    const errors = new Log();
    const response = await fetched(
      answering(() => closing([latin1("a")], () => Promise.reject(new Error("not closed")))),
      errors,
    );
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("a");
    await idle();
    expect(errors.writes).toEqual([expect.stringContaining("not closed")]);
  });
});

describe("wsgi.file_wrapper", () => {
  class File implements FileLike {
    #content: string;
    #end: null | undefined | "";
    readonly sizes: number[] = [];
    position = 0;
    closed = 0;

    /** @param end What is read behind the end; `""` stands for no bytes. */
    constructor(content: string, end: null | undefined | "" = "") {
      this.#content = content;
      this.#end = end;
    }

    read(size: number): Uint8Array | null | undefined {
      this.sizes.push(size);
      const block = this.#content.slice(this.position, this.position + size);
      this.position += block.length;
      return block === "" && this.#end !== "" ? this.#end : latin1(block);
    }

    close(): void {
      this.closed++;
    }
  }

  function wrapper(): FileWrapper {
    const found = environOf()["wsgi.file_wrapper"];
    if (found === undefined) {
      throw new Error("wsgi.file_wrapper is not offered");
    }
    return found;
  }

  test("S64 gives the file in blocks, as wsgiref's", async () => {
    const file = new File("xyz".repeat(50));
    const body = wrapper()(file, 120);
    expect(await chunksOf(body)).toEqual(["xyz".repeat(40), "xyz".repeat(10)]);
    expect(file.closed).toBe(0);
    await body.close?.();
    expect(file.closed).toBe(1);
  });

  test("S64 reads 65536 bytes at a time unless told otherwise", async () => {
    const file = new File("a");
    await chunksOf(wrapper()(file));
    expect(file.sizes).toEqual([65_536, 65_536]);
  });

  test("S64 X05 reads nothing before it is iterated", async () => {
    const file = new File("abc");
    const response = await fetched((environ, startResponse) => {
      environ["wsgi.file_wrapper"]?.(file);
      startResponse("200 OK", []);
      return [latin1("other")];
    });
    expect(await response.text()).toBe("other");
    expect(file.sizes).toEqual([]);
    expect(file.closed).toBe(0);
  });

  test("S64 reads a block only when it is asked for one", async () => {
    const file = new File("abcdef");
    for await (const chunk of wrapper()(file, 2)) {
      expect(native(chunk)).toBe("ab");
      break;
    }
    expect(file.sizes).toEqual([2]);
  });

  test("S64 X02 starts at the file's position", async () => {
    const file = new File("abcdef");
    file.read(2);
    expect(await chunksOf(wrapper()(file, 3))).toEqual(["cde", "f"]);
  });

  test.each([
    ["no bytes", ""],
    ["null", null],
    ["undefined", undefined],
  ] as const)("S64 %s is the end", async (_name, end) => {
    const file = new File("abc", end);
    expect(await chunksOf(wrapper()(file, 2))).toEqual(["ab", "c"]);
    expect(file.sizes).toEqual([2, 2, 2]);
  });

  test("S64 read may be asynchronous", async () => {
    const file = new File("abcde");
    const later = {
      async read(size: number) {
        await idle();
        return file.read(size);
      },
    };
    const body = wrapper()(later, 2);
    expect(await chunksOf(body)).toEqual(["ab", "cd", "e"]);
    await body.close?.();
  });

  test("S64 a file that gives no bytes is the application's error", async () => {
    const file = { read: () => "abc" };
    const wrong: unknown = file;
    await expect(chunksOf(wrapper()(wrong as FileLike))).rejects.toThrow(coded("ERR_CHUNK_TYPE"));
  });

  test("S64 what read throws is thrown", async () => {
    const error = new Error("EIO");
    const file: FileLike = { read: () => Promise.reject(error) };
    await expect(chunksOf(wrapper()(file))).rejects.toBe(error);
  });

  test("S64 X01 the gateway sends all of it and closes the file once", async () => {
    const file = new File("0123456789".repeat(2_000));
    const response = await fetched((environ, startResponse) => {
      startResponse("200 OK", []);
      return environ["wsgi.file_wrapper"]?.(file, 8_192) ?? [];
    });
    expect(await response.text()).toBe("0123456789".repeat(2_000));
    await idle();
    expect(file.closed).toBe(1);
    expect(file.sizes).toEqual([8_192, 8_192, 8_192, 8_192]);
  });

  test("S64 X03 the gateway stops at Content-Length and closes the file", async () => {
    const file = new File("0123456789abcdef");
    const response = await fetched((environ, startResponse) => {
      startResponse("200 OK", [["Content-Length", "10"]]);
      return environ["wsgi.file_wrapper"]?.(file, 4) ?? [];
    });
    expect(await response.text()).toBe("0123456789");
    await idle();
    expect(file.closed).toBe(1);
    expect(file.sizes).toEqual([4, 4, 4]);
  });

  test("S64 X04 a middleware can wrap it", async () => {
    const file = new File("abc");
    const response = await fetched((environ, startResponse) => {
      startResponse("200 OK", []);
      return mapBody(environ["wsgi.file_wrapper"]?.(file, 2) ?? [], upper);
    });
    expect(await response.text()).toBe("ABC");
    await idle();
    expect(file.closed).toBe(1);
  });
});

describe("serialize", () => {
  /** A serialized application that notes calls, and waits in each for `go`. */
  function waiting() {
    const events: string[] = [];
    const gates = new Map<string, () => void>();
    const application = serialize(async (environ) => {
      const name = environ.PATH_INFO;
      events.push(`${name} starts`);
      await new Promise<void>((resolve) => gates.set(name, resolve));
      events.push(`${name} returns`);
      return Object.assign([latin1(name)], { close: () => void events.push(`${name} closes`) });
    });
    return {
      events,
      call: (name: string) => application(environOf({ line: { target: name } }), ignored),
      go: (name: string) => gates.get(name)?.(),
    };
  }

  test("S61 runs one request at a time, until its body is closed, in order", async () => {
    const { events, call, go } = waiting();
    const names = ["/1", "/2", "/3"];
    const calls = names.map(call);
    for (const [index, name] of names.entries()) {
      await idle();
      expect(events.at(-1)).toBe(`${name} starts`);
      go(name);
      const body = await calls[index];
      await idle();
      expect(events.at(-1)).toBe(`${name} returns`);
      await body?.close?.();
    }
    const each = ["starts", "returns", "closes"];
    expect(events).toEqual(names.flatMap((name) => each.map((event) => `${name} ${event}`)));
  });

  test("S61 a request that comes when none is under way starts", async () => {
    const { events, call, go } = waiting();
    const first = call("/1");
    await idle();
    go("/1");
    await (await first).close?.();
    call("/2");
    await idle();
    expect(events).toEqual(["/1 starts", "/1 returns", "/1 closes", "/2 starts"]);
  });

  test("S61 wsgi.multithread is false", async () => {
    const seen: unknown[] = [];
    const application = serialize((environ) => {
      seen.push(environ["wsgi.multithread"]);
      return [];
    });
    const environ = environOf();
    expect(environ["wsgi.multithread"]).toBe(true);
    await application(environ, ignored);
    expect(seen).toEqual([false]);
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("failed");
      },
    ],
    ["rejects", () => Promise.reject(new Error("failed"))],
  ])("S61 an application that %s lets the next request in", async (_how, fail) => {
    let calls = 0;
    const application = serialize(() => {
      calls++;
      return calls === 1 ? fail() : [latin1("next")];
    });
    const failed = application(environOf(), ignored);
    const next = application(environOf(), ignored);
    await expect(failed).rejects.toThrow("failed");
    expect(await chunksOf(await next)).toEqual(["next"]);
  });

  test.each([
    ["undefined", undefined],
    ["a string", "abc"],
    ["an object", {}],
  ])(
    "S61 an application that returns %s is answered 500 and lets the next request in",
    async (_name, returned) => {
      const wrong: unknown = returned;
      let fails = true;
      const errors = new Log();
      const handle = toFetch(
        serialize((_environ, startResponse) => {
          startResponse("200 OK", []);
          return fails ? (wrong as Body) : [latin1("next")];
        }),
        { errors },
      );
      expect((await handle(new Request("http://h/"))).status).toBe(500);
      expect(errors.writes).toHaveLength(1);
      fails = false;
      expect(await (await handle(new Request("http://h/"))).text()).toBe("next");
    },
  );

  test("S61 a close that fails lets the next request in", async () => {
    const noted = new Noted(new Error("not closed"));
    const application = serialize(() => noted.array("a"));
    const first = await application(environOf(), ignored);
    const second = application(environOf(), ignored);
    await expect(first.close?.()).rejects.toThrow("not closed");
    expect(await chunksOf(await second)).toEqual(["a"]);
  });

  describe("with a clock of our own", () => {
    afterEach(() => {
      vi.useRealTimers();
    });

    test("S61 S12 a close that the gateway has given up lets the next request in", async () => {
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
      let calls = 0;
      const handle = toFetch(
        serialize((_environ, startResponse) => {
          calls++;
          startResponse("200 OK", []);
          return Object.assign([latin1("a")], { close: () => new Promise<void>(() => {}) });
        }),
        { errors: new Log() },
      );
      expect(await (await handle(new Request("http://h/"))).text()).toBe("a");
      void handle(new Request("http://h/"));
      await vi.advanceTimersByTimeAsync(60_000);
      expect(calls).toBe(2);
    });
  });

  test("S61 requests to a gateway are answered one after the other", async () => {
    let inside = 0;
    let most = 0;
    const handle = toFetch(
      serialize(async (environ, startResponse) => {
        inside++;
        most = Math.max(most, inside);
        await idle();
        startResponse("200 OK", []);
        const body = new Noted().async(environ.PATH_INFO, "!");
        return closing(body, () => {
          inside--;
        });
      }),
    );
    const responses = ["/1", "/2", "/3"].map((path) => handle(new Request(`http://h${path}`)));
    const texts = responses.map(async (response) => (await response).text());
    expect(await Promise.all(texts)).toEqual(["/1!", "/2!", "/3!"]);
    expect(most).toBe(1);
  });
});
