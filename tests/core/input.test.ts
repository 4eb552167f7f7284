import { spawnSync } from "node:child_process";
import { type ByteSource, type GatewayOptions, Input, readSome } from "dram";
import { toFetch } from "dram/fetch";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  chunksOf,
  coded,
  environOf,
  gateway,
  idle,
  Log,
  latin1,
  native,
  Source,
  unhandledRejectionsOf,
} from "./helpers.ts";

interface Limits {
  announced?: number;
  limit?: number;
}

function inputOf(source: ByteSource | null, limits: Limits = {}): Input {
  const { announced, limit = Number.POSITIVE_INFINITY } = limits;
  return new Input(() => source, { announced, limit });
}

/** The input of a request with these chunks in its body. */
function input(...chunks: (string | Uint8Array)[]): Input {
  return inputOf(new Source(...chunks));
}

async function text(reading: Promise<Uint8Array>): Promise<string> {
  return native(await reading);
}

async function texts(reading: Promise<Uint8Array[]>): Promise<string[]> {
  return (await reading).map(native);
}

/** A body whose client leaves after `chunks`. */
function broken(cause: unknown, ...chunks: string[]): Source {
  const source = new Source(...chunks);
  const read = source.read.bind(source);
  source.read = async () => {
    const chunk = await read();
    if (chunk === null) {
      throw cause;
    }
    return chunk;
  };
  return source;
}

describe("read", () => {
  test.each([
    ["no size", undefined],
    ["null", null],
    ["-1", -1],
    ["another negative size", -1000],
  ])("S26 with %s gives all that is left", async (_name, size) => {
    const stream = input("abc", "", "def");
    expect(await text(stream.read(1))).toBe("a");
    expect(await text(stream.read(size))).toBe("bcdef");
  });

  test("S26 read() without a size gives all that is left", async () => {
    expect(await text(input("abc", "def").read())).toBe("abcdef");
  });

  test.each([
    ["one chunk", ["abcdef"]],
    ["a chunk a byte", ["a", "b", "c", "d", "e", "f"]],
    ["empty chunks between", ["", "ab", "", "", "cdef", ""]],
  ])("S24 read(n) gives exactly n bytes until the end, from %s", async (_name, chunks) => {
    const stream = input(...chunks);
    expect(await text(stream.read(4))).toBe("abcd");
    expect(await text(stream.read(4))).toBe("ef");
    expect(await text(stream.read(4))).toBe("");
  });

  test("I04 all 256 byte values arrive as they are", async () => {
    const all = Uint8Array.from({ length: 256 }, (_, value) => value);
    expect(await input(all).read()).toEqual(all);
  });

  test("S24 read(0) is empty and does not touch the source", async () => {
    const source = new Source("abc");
    const stream = inputOf(source);
    expect(await text(stream.read(0))).toBe("");
    expect(source.reads).toBe(0);
    expect(await text(stream.read())).toBe("abc");
  });

  test("S24 bytes that are there are given without asking for more", async () => {
    const source = new Source("abcdef", "ghi");
    const stream = inputOf(source);
    expect(await text(stream.read(2))).toBe("ab");
    expect(await text(stream.read(4))).toBe("cdef");
    expect(source.reads).toBe(1);
  });

  test("S27 at the end it is empty, every time", async () => {
    const stream = input("abc");
    await stream.read();
    for (const again of [stream.read(), stream.read(5), stream.read(-1), stream.readline()]) {
      expect(await again).toEqual(new Uint8Array(0));
    }
    expect(await stream.readlines()).toEqual([]);
  });

  test("S27 the source is not asked again after its end", async () => {
    const source = new Source("abc");
    const stream = inputOf(source);
    await stream.read();
    await stream.read();
    await stream.readline();
    expect(source.reads).toBe(2);
  });

  test.each([
    ["a string", "x"],
    ["a string of digits", "5"],
    ["NaN", Number.NaN],
    ["a fraction", 1.5],
    ["infinity", Number.POSITIVE_INFINITY],
    ["a boolean", true],
    ["a bigint", 5n],
    ["an object", {}],
  ])("L33 a size that is %s is refused, and nothing is lost", async (_name, size) => {
    const source = new Source("abc");
    const stream = inputOf(source);
    await expect(stream.read(size as number)).rejects.toThrow(coded("ERR_READ_SIZE"));
    await expect(stream.readline(size as number)).rejects.toThrow(coded("ERR_READ_SIZE"));
    expect(source.reads).toBe(0);
    expect(await text(stream.read())).toBe("abc");
  });
});

describe("read1", () => {
  test("gives what is there, one chunk at a time, and nothing at the end", async () => {
    const source = new Source("abc", "", "de");
    const stream = inputOf(source);
    expect(await text(stream.read1())).toBe("abc");
    expect(source.reads).toBe(1);
    expect(await text(stream.read1())).toBe("de");
    expect(await text(stream.read1())).toBe("");
    expect(await text(stream.read1(10))).toBe("");
  });

  test("gives at most as many bytes as are asked for, and keeps the rest", async () => {
    const source = new Source("abcdef");
    const stream = inputOf(source);
    expect(await text(stream.read1(0))).toBe("");
    expect(source.reads).toBe(0);
    expect(await text(stream.read1(2))).toBe("ab");
    expect(await text(stream.readline(1))).toBe("c");
    expect(await text(stream.read1())).toBe("def");
  });

  test("rejects where the body breaks off", async () => {
    const stream = inputOf(broken(new Error("reset"), "abc"));
    expect(await text(stream.read1())).toBe("abc");
    await expect(stream.read1()).rejects.toThrow(coded("ERR_CLIENT_DISCONNECTED"));
  });

  test("takes a whole number of bytes", async () => {
    await expect(input("abc").read1(1.5)).rejects.toThrow(coded("ERR_READ_SIZE"));
  });
});

describe("readSome", () => {
  test("gives the next chunk", async () => {
    expect(await text(readSome(input("abc", "def")))).toBe("abc");
  });

  test("reads blocks where a stream cannot tell what is there", async () => {
    const { read, readline, readlines, [Symbol.asyncIterator]: lines } = Input.prototype;
    const whole = input("abc", "def");
    const stream = { read, readline, readlines, [Symbol.asyncIterator]: lines };
    stream.read = whole.read.bind(whole);
    expect(await text(readSome(stream))).toBe("abcdef");
  });
});

describe("readline", () => {
  test("S28 I05 gives up to and including the line feed; a carriage return ends no line", async () => {
    const stream = input("a\nb\r\nc\rd");
    expect(await text(stream.readline())).toBe("a\n");
    expect(await text(stream.readline())).toBe("b\r\n");
    expect(await text(stream.readline())).toBe("c\rd");
    expect(await text(stream.readline())).toBe("");
  });

  test("S28 I06 joins a line that comes in several chunks", async () => {
    const stream = input("ab", "", "c\r", "\nd", "ef\ng");
    expect(await text(stream.readline())).toBe("abc\r\n");
    expect(await text(stream.readline())).toBe("def\n");
    expect(await text(stream.readline())).toBe("g");
  });

  test("S28 I07 readline(n) gives at most n bytes, and the rest of the line next", async () => {
    const stream = input("hello\nworld");
    expect(await text(stream.readline(3))).toBe("hel");
    expect(await text(stream.readline(10))).toBe("lo\n");
    expect(await text(stream.read(2))).toBe("wo");
    expect(await text(stream.read())).toBe("rld");
  });

  test("S28 readline(n) gets data when nothing is there yet", async () => {
    expect(await text(input("ab", "c\nd").readline(10))).toBe("abc\n");
  });

  test.each([
    [5, "abcd\n"],
    [4, "abcd"],
    [6, "abcd\n"],
    [-1, "abcd\n"],
    [null, "abcd\n"],
    [undefined, "abcd\n"],
  ])("S28 readline(%s) of a line of 5 bytes gives %j", async (size, expected) => {
    expect(await text(input("ab", "cd\nx").readline(size))).toBe(expected);
  });

  test("S28 readline(n) does not ask for more than it needs", async () => {
    const source = new Source("ab", "cd", "ef");
    expect(await text(inputOf(source).readline(3))).toBe("abc");
    expect(source.reads).toBe(2);
  });

  test("S28 readline(0) is empty and does not touch the source", async () => {
    const source = new Source("a\n");
    const stream = inputOf(source);
    expect(await text(stream.readline(0))).toBe("");
    expect(source.reads).toBe(0);
    expect(await text(stream.readline())).toBe("a\n");
  });

  test("S28 gives empty lines one by one", async () => {
    const stream = input("\n\n", "\n");
    expect(await texts(stream.readlines())).toEqual(["\n", "\n", "\n"]);
  });
});

describe("readlines", () => {
  test.each([
    ["no hint", undefined],
    ["null", null],
    ["0", 0],
    ["-5", -5],
  ])("S29 with %s gives all lines", async (_name, hint) => {
    expect(await texts(input("a\nb", "b\nc").readlines(hint))).toEqual(["a\n", "bb\n", "c"]);
  });

  test.each([
    [1, ["a\n"], ["b\n", "c\n"]],
    [2, ["a\n"], ["b\n", "c\n"]],
    [3, ["a\n", "b\n"], ["c\n"]],
    [6, ["a\n", "b\n", "c\n"], []],
    [7, ["a\n", "b\n", "c\n"], []],
  ])("S29 I08 readlines(%i) stops after the line that reaches it", async (hint, first, rest) => {
    const stream = input("a\nb\nc\n");
    expect(await texts(stream.readlines(hint))).toEqual(first);
    expect(await texts(stream.readlines())).toEqual(rest);
  });

  test("S29 the hint counts bytes, and adds no line feed to the last line", async () => {
    expect(await texts(input("abcdef\ngh").readlines(8))).toEqual(["abcdef\n", "gh"]);
  });

  test("S29 of an empty body gives no lines", async () => {
    expect(await input().readlines()).toEqual([]);
  });
});

describe("iteration", () => {
  test("S24 I09 gives lines", async () => {
    expect(await chunksOf(input("a\nb", "c\n", "d"))).toEqual(["a\n", "bc\n", "d"]);
  });

  test("S24 I09 of an empty body gives nothing", async () => {
    expect(await chunksOf(input())).toEqual([]);
    expect(await chunksOf(inputOf(null))).toEqual([]);
  });

  test("S24 shares the position with the other methods", async () => {
    const stream = input("a\nbcd\ne\nf");
    const lines: string[] = [];
    for await (const line of stream) {
      lines.push(native(line));
      lines.push(`(${await text(stream.read(1))})`);
    }
    expect(lines).toEqual(["a\n", "(b)", "cd\n", "(e)", "\n", "(f)"]);
  });

  test("S24 can be left and taken up again", async () => {
    const stream = input("a\nb\nc\n");
    for await (const line of stream) {
      expect(native(line)).toBe("a\n");
      break;
    }
    expect(await chunksOf(stream)).toEqual(["b\n", "c\n"]);
  });
});

describe("reads that are not awaited", () => {
  test("I15 are done in the order of their calls", async () => {
    const stream = input("a", "bcd", "ef");
    const both = await Promise.all([stream.read(3), stream.read(3)]);
    expect(both.map(native)).toEqual(["abc", "def"]);
  });

  test("I15 never make the source be asked twice at once", async () => {
    let asking = 0;
    let most = 0;
    const source = new Source("ab", "c\nd", "ef\n", "g");
    const stream = inputOf({
      async read() {
        asking++;
        most = Math.max(most, asking);
        const chunk = await source.read();
        await idle();
        asking--;
        return chunk;
      },
      cancel() {},
    });
    const reads = [stream.read(1), stream.readline(), stream.read(2), stream.readline()];
    expect((await Promise.all(reads)).map(native)).toEqual(["a", "bc\n", "de", "f\n"]);
    expect(native(await stream.read())).toBe("g");
    expect(most).toBe(1);
  });

  test("I15 go on after one that was refused", async () => {
    const stream = input("abcdef");
    const first = stream.read(2);
    const refused = stream.read(1.5);
    const second = stream.read(2);
    await expect(refused).rejects.toThrow(coded("ERR_READ_SIZE"));
    expect([await text(first), await text(second)]).toEqual(["ab", "cd"]);
  });

  test("I15 and that fail are no unhandled rejections", async () => {
    const stream = inputOf(broken(new Error("gone")));
    const start = () => [stream.read(), stream.readline(), stream.readlines()];
    expect(await unhandledRejectionsOf(start)).toEqual([]);
  });

  test("I15 and are refused are no unhandled rejections", async () => {
    expect(await unhandledRejectionsOf(() => input("abc").read(1.5))).toEqual([]);
  });
});

describe("returned chunks", () => {
  test("are fresh: writing into one changes no other read", async () => {
    const stream = input("abcdef\ngh\n");
    for (const expected of ["ab", "cd"]) {
      const chunk = await stream.read(2);
      expect(native(chunk)).toBe(expected);
      chunk.fill(0);
    }
    const line = await stream.readline();
    expect(native(line)).toBe("ef\n");
    line.fill(0);
    expect(await text(stream.read())).toBe("gh\n");
  });

  test("are plain Uint8Arrays, whatever the platform gives", async () => {
    const stream = input(Buffer.from("abcdef"));
    expect(await stream.read(2)).toEqual(latin1("ab"));
    expect(await stream.read()).toEqual(latin1("cdef"));
  });
});

describe("Content-Length", () => {
  test("S25 I11 reading past it is the end of the body", async () => {
    const stream = inputOf(new Source("hello"), { announced: 5 });
    expect(await text(stream.read(100))).toBe("hello");
    expect(await text(stream.read(100))).toBe("");
  });

  test("S25 a source that has more is cut there and not asked again", async () => {
    const source = new Source("abc", "defgh", "ijk");
    const stream = inputOf(source, { announced: 5 });
    expect(await text(stream.read())).toBe("abcde");
    expect(await text(stream.read())).toBe("");
    expect(await text(stream.readline())).toBe("");
    expect(source.reads).toBe(2);
  });

  test("S25 a source that stays open behind it is not waited for", async () => {
    const chunks = [latin1("abc")];
    const stream = inputOf(
      { read: () => Promise.resolve(chunks.shift() ?? new Promise<null>(() => {})), cancel() {} },
      { announced: 3 },
    );
    expect(await text(stream.read())).toBe("abc");
    expect(await text(stream.read())).toBe("");
    expect(await texts(stream.readlines())).toEqual([]);
  });

  test("S25 of 0 is the end at once: the source is not even opened", async () => {
    let opened = 0;
    const open = () => {
      opened++;
      return new Source("abc");
    };
    const stream = new Input(open, { announced: 0, limit: 0 });
    expect(await text(stream.read())).toBe("");
    expect(await text(stream.readline())).toBe("");
    expect(opened).toBe(0);
  });

  test("I14 a shorter body is not taken for a complete one", async () => {
    const stream = inputOf(new Source("hello"), { announced: 10 });
    await expect(stream.read()).rejects.toThrow(coded("ERR_CLIENT_DISCONNECTED"));
  });

  test("I14 a shorter body gives what has come, and then rejects every time", async () => {
    const stream = inputOf(new Source("hello"), { announced: 10 });
    expect(await text(stream.read(5))).toBe("hello");
    const error = await stream.read(1).catch((reason: unknown) => reason);
    expect(error).toEqual(coded("ERR_CLIENT_DISCONNECTED"));
    await expect(stream.read()).rejects.toBe(error);
    await expect(stream.readline()).rejects.toBe(error);
    await expect(stream.readlines()).rejects.toBe(error);
    await expect(chunksOf(stream)).rejects.toBe(error);
  });

  test("I14 a line that breaks off is not taken for the last one", async () => {
    const stream = inputOf(new Source("a\nb"), { announced: 10 });
    expect(await text(stream.readline())).toBe("a\n");
    await expect(stream.readline()).rejects.toThrow(coded("ERR_CLIENT_DISCONNECTED"));
  });
});

describe("a source that rejects", () => {
  test("is a client that has left, with the platform's error as cause", async () => {
    const cause = new Error("Network connection lost.");
    await expect(inputOf(broken(cause, "abc")).read()).rejects.toMatchObject({
      code: "ERR_CLIENT_DISCONNECTED",
      blame: "client",
      cause,
    });
  });

  test("is asked no more: the error stays", async () => {
    const source = broken(new Error("gone"), "abc");
    const stream = inputOf(source);
    const error = await stream.read().catch((reason: unknown) => reason);
    await expect(stream.read()).rejects.toBe(error);
    await expect(stream.read(1)).rejects.toBe(error);
    await expect(stream.readline()).rejects.toBe(error);
  });

  test("gives the bytes that came before to those who ask for no more", async () => {
    const stream = inputOf(broken(new Error("gone"), "abc"));
    expect(await text(stream.read(3))).toBe("abc");
    await expect(stream.read(1)).rejects.toThrow(coded("ERR_CLIENT_DISCONNECTED"));
  });

  test("has the same effect if it cannot be opened", async () => {
    const cause = new TypeError("locked");
    const stream = new Input(
      () => {
        throw cause;
      },
      { announced: undefined, limit: 10 },
    );
    await expect(stream.read()).rejects.toMatchObject({ code: "ERR_CLIENT_DISCONNECTED", cause });
  });
});

describe("an application that does not catch what a read throws", () => {
  async function statusFor(body: ReadableStream, options: GatewayOptions = {}): Promise<number> {
    const handle = toFetch(
      async (environ, startResponse) => {
        await environ["wsgi.input"].read();
        startResponse("200 OK", []);
        return [latin1("done")];
      },
      { errors: new Log(), ...options },
    );
    const request = new Request("http://h.example/", { method: "POST", body, duplex: "half" });
    return (await handle(request)).status;
  }

  test("I14 answers 400 to a client that has left", async () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(latin1("abc"));
      },
      pull(controller) {
        controller.error(new Error("Network connection lost."));
      },
    });
    expect(await statusFor(body)).toBe(400);
  });

  test("T13 answers 413 to a body that is too large", async () => {
    const body = new ReadableStream({
      pull(controller) {
        controller.enqueue(latin1("abc"));
      },
    });
    expect(await statusFor(body, { maxBodySize: 10 })).toBe(413);
  });
});

describe("maxBodySize", () => {
  test("T13 a body of just that size is read", async () => {
    expect(await text(inputOf(new Source("ab", "cde"), { limit: 5 }).read())).toBe("abcde");
  });

  test("T13 a longer body is an error, every time", async () => {
    const stream = inputOf(new Source("ab", "cdef", "g"), { limit: 5 });
    expect(await text(stream.read(2))).toBe("ab");
    const error = await stream.read().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "ERR_BODY_TOO_LARGE", status: 413 });
    await expect(stream.read(1)).rejects.toBe(error);
  });

  test("T13 the source of a longer body is not asked for the rest", async () => {
    const source = new Source("ab", "cdef", "g", "h");
    await expect(inputOf(source, { limit: 5 }).read()).rejects.toThrow(coded("ERR_BODY_TOO_LARGE"));
    expect(source.reads).toBe(2);
  });

  test("T13 a limit of 0 lets an empty body through", async () => {
    expect(await text(inputOf(new Source(""), { limit: 0 }).read())).toBe("");
    await expect(inputOf(new Source("a"), { limit: 0 }).read()).rejects.toThrow(
      coded("ERR_BODY_TOO_LARGE"),
    );
  });
});

describe("the source", () => {
  test("S24 is opened at the first read that needs it, and once", async () => {
    let opened = 0;
    const source = new Source("ab", "cd");
    const stream = new Input(
      () => {
        opened++;
        return source;
      },
      { announced: undefined, limit: 10 },
    );
    await stream.read(0);
    await stream.readline(0);
    expect(opened).toBe(0);
    await Promise.all([stream.read(1), stream.read(1)]);
    await stream.read();
    expect(opened).toBe(1);
  });

  test("I10 that is not there is an empty body", async () => {
    const stream = inputOf(null);
    expect(await text(stream.read())).toBe("");
    expect(await text(stream.read(5))).toBe("");
    expect(await text(stream.readline())).toBe("");
  });

  test("S24 is the one given to RequestFields, cut at the announced length", async () => {
    const environ = environOf({
      fields: [["Content-Length", "5"]],
      body: new Source("hello\n", "world"),
    });
    expect(await text(environ["wsgi.input"].read())).toBe("hello");
  });

  test("S59 I12 of a chunked request is read to its end", async () => {
    const environ = environOf({
      fields: [["Transfer-Encoding", "chunked"]],
      body: new Source("hello", "world"),
    });
    expect(await text(environ["wsgi.input"].read())).toBe("helloworld");
    expect(environ["wsgi.input_terminated"]).toBe(true);
  });

  test("is told what is waited for, and how much there can be", async () => {
    const asked: [number, number][] = [];
    const source = new Source("ab", "cd", "efg", "h");
    const read = source.read.bind(source);
    const stream = inputOf(
      Object.assign(source, {
        read(least: number, most: number) {
          asked.push([least, most]);
          return read();
        },
      }),
      { announced: 8 },
    );
    await stream.read(3);
    await stream.readline();
    expect(asked).toEqual([
      [3, 8],
      [1, 6],
      [1, 4],
      [1, 1],
    ]);
  });

  test("is told that all of a body of unknown length is waited for", async () => {
    const asked: [number, number][] = [];
    const source = new Source();
    const stream = inputOf(
      Object.assign(source, {
        async read(least: number, most: number) {
          asked.push([least, most]);
          return null;
        },
      }),
    );
    await stream.read();
    expect(asked).toEqual([[Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]]);
  });

  test("T13 has the deployer's limit", async () => {
    const environ = environOf({
      gateway: gateway({ maxBodySize: 5 }),
      fields: [["Transfer-Encoding", "chunked"]],
      body: new Source("hello", "world"),
    });
    await expect(environ["wsgi.input"].read()).rejects.toThrow(coded("ERR_BODY_TOO_LARGE"));
  });
});

describe("end", () => {
  test("reading after it is an error, whatever was buffered", async () => {
    const stream = input("abcdef\n");
    await stream.read(1);
    stream.end();
    for (const read of [
      () => stream.read(),
      () => stream.read(1),
      () => stream.readline(),
      () => stream.readlines(),
      () => chunksOf(stream),
    ]) {
      await expect(read()).rejects.toThrow(coded("ERR_CLOSED"));
    }
  });

  test("reading after it is an error even where an earlier read has failed", async () => {
    const stream = inputOf(broken(new Error("gone")));
    await expect(stream.read()).rejects.toThrow(coded("ERR_CLIENT_DISCONNECTED"));
    stream.end();
    await expect(stream.read()).rejects.toThrow(coded("ERR_CLOSED"));
  });

  test("cancels a source that has been opened", async () => {
    const source = new Source("abc", "def");
    const stream = inputOf(source);
    await stream.read(1);
    stream.end();
    expect(source.cancelled).toBe(true);
  });

  test.each([
    ["told by its length", { announced: 6 }],
    ["told by the source", {}],
  ])("does not cancel a source whose end was reached, %s", async (_how, limits) => {
    const source = new Source("abc", "def");
    const stream = inputOf(source, limits);
    await stream.read();
    stream.end();
    expect(source.cancelled).toBe(false);
  });

  test("a read that is under way is refused when the cancelled source ends", async () => {
    let settle: (chunk: null) => void = () => {};
    const stream = inputOf({
      read: () => new Promise<null>((resolve) => (settle = resolve)),
      cancel: () => settle(null),
    });
    const reading = stream.read();
    stream.end();
    await expect(reading).rejects.toThrow(coded("ERR_CLOSED"));
  });

  test("no read hangs, even if the source never settles", async () => {
    const stream = inputOf({ read: () => new Promise<null>(() => {}), cancel() {} });
    const settled: string[] = [];
    const note = (name: string, reading: Promise<unknown>) =>
      reading.then(
        () => settled.push(name),
        (error: unknown) => settled.push(`${name} ${Object(error).code}`),
      );
    note("under way", stream.read());
    note("waiting", stream.readline());
    stream.end();
    note("later", stream.read());
    await idle();
    await idle();
    expect(settled).toEqual(["under way ERR_CLOSED", "waiting ERR_CLOSED", "later ERR_CLOSED"]);
  });

  test("a readline that is under way settles, at whatever step of it the end comes", () => {
    // In a process of its own, so that a loop without an end is a failure and not a standstill.
    const script = `
      import { Input } from "dram";
      for (let steps = 0; steps < 12; steps++) {
        const chunks = [Promise.resolve(new Uint8Array(3))];
        let settle;
        const read = () => chunks.shift() ?? new Promise((resolve) => { settle = resolve; });
        const input = new Input(() => ({ read, cancel() {} }), { announced: undefined, limit: 9 });
        const reading = input.readline().then((line) => line.length, (error) => error.code);
        await new Promise(setImmediate);
        settle(null);
        for (let step = 0; step < steps; step++) {
          await undefined;
        }
        input.end();
        console.log(await reading);
      }
    `;
    const { stdout, signal } = spawnSync(
      process.execPath,
      ["--conditions=dram-source", "--max-old-space-size=64", "--input-type=module", "-e", script],
      { cwd: import.meta.dirname, encoding: "utf8", timeout: 10_000 },
    );
    expect(signal).toBe(null);
    expect(stdout.trim().split("\n")).toHaveLength(12);
    expect(stdout).toMatch(/^(?:(?:0|3|ERR_CLOSED)\n)+$/);
  });

  test("S12 is called when the response has ended", async () => {
    const kept: (() => Promise<Uint8Array>)[] = [];
    const handle = toFetch((environ, startResponse) => {
      const stream = environ["wsgi.input"];
      kept.push(() => stream.read());
      startResponse("200 OK", []);
      return [latin1("done")];
    });
    await handle(new Request("http://h.example/", { method: "POST", body: "abc" }));
    await expect(kept[0]?.()).rejects.toThrow(coded("ERR_CLOSED"));
  });

  test.each([
    ["of which nothing was read", 0],
    ["of which a part was read", 1],
  ])("I13 a body %s is cancelled when the response has ended", async (_name, size) => {
    let cancelled = false;
    const body = new ReadableStream({
      pull(controller) {
        controller.enqueue(latin1("abc"));
      },
      cancel() {
        cancelled = true;
      },
    });
    const handle = toFetch(
      async (environ, startResponse) => {
        await environ["wsgi.input"].read(size);
        startResponse("200 OK", []);
        return [latin1("done")];
      },
      { errors: new Log() },
    );
    const request = new Request("http://h.example/", { method: "POST", body, duplex: "half" });
    const response = await handle(request);
    expect(await response.text()).toBe("done");
    await idle();
    expect(cancelled).toBe(true);
  });
});

describe("any sequence of calls over any chunks", () => {
  type Call = { method: "read" | "readline" | "readlines"; size: number | null };

  // Few values, so that there are many lines.
  const chunk = fc.uint8Array({ min: 9, max: 12, maxLength: 12 });
  const size = fc.option(fc.integer({ min: -1, max: 20 }), { freq: 4 });
  const call = fc.record<Call>({
    method: fc.constantFrom("read", "readline", "readlines"),
    size,
  });

  /** The same methods over all bytes at once. */
  function expected(body: string, calls: readonly Call[]): string[][] {
    let position = 0;
    const take = (length: number) => {
      position += length;
      return body.slice(position - length, position);
    };
    const line = (limit: number) => {
      const end = body.indexOf("\n", position) + 1;
      return take(Math.min(limit, (end === 0 ? body.length : end) - position));
    };
    return calls.map(({ method, size: wanted }) => {
      const limit = wanted === null || wanted < 0 ? Number.POSITIVE_INFINITY : wanted;
      if (method === "read") {
        return [take(Math.min(limit, body.length - position))];
      }
      if (method === "readline") {
        return [line(limit)];
      }
      const lines: string[] = [];
      let total = 0;
      while (position < body.length && (!wanted || wanted < 0 || total < wanted)) {
        const next = line(Number.POSITIVE_INFINITY);
        lines.push(next);
        total += next.length;
      }
      return lines;
    });
  }

  async function done(stream: Input, { method, size: wanted }: Call): Promise<string[]> {
    return method === "readlines"
      ? texts(stream.readlines(wanted))
      : [await text(stream[method](wanted))];
  }

  test("S24 S28 S29 gives what one string would give, awaited one by one", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(chunk), fc.array(call), async (chunks, calls) => {
        const stream = input(...chunks);
        const results: string[][] = [];
        for (const one of calls) {
          results.push(await done(stream, one));
        }
        expect(results).toEqual(expected(chunks.map(native).join(""), calls));
      }),
      { numRuns: 500 },
    );
  });

  test("S24 S28 S29 gives the same when nothing is awaited in between", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(chunk), fc.array(call), async (chunks, calls) => {
        const stream = input(...chunks);
        const results = await Promise.all(calls.map((one) => done(stream, one)));
        expect(results).toEqual(expected(chunks.map(native).join(""), calls));
      }),
      { numRuns: 300 },
    );
  });

  test("S25 gives the same for a body cut at Content-Length", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(chunk), fc.array(call), fc.nat(), async (chunks, calls, some) => {
        const whole = chunks.map(native).join("");
        const announced = some % (whole.length + 1);
        const stream = inputOf(new Source(...chunks), { announced });
        const results = await Promise.all(calls.map((one) => done(stream, one)));
        expect(results).toEqual(expected(whole.slice(0, announced), calls));
      }),
      { numRuns: 300 },
    );
  });
});
