import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Application, text } from "dram";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  ABORT,
  begin,
  END,
  get,
  PARAMS,
  pairs,
  record,
  request,
  STDIN,
  STDOUT,
  stream,
  type Variables,
  variablesOf,
} from "../targets/fastcgi-client.ts";
import { until } from "../targets/target.ts";
import { bodyOf, bytes, echo, gate, listening, wire } from "./helpers.ts";

function withLength(length: number | string): Variables {
  return [...variablesOf({ path: "/", method: "POST" }), ["CONTENT_LENGTH", String(length)]];
}

/** Counts what it reads, and tells when reading fails. */
async function reading() {
  const errors: string[] = [];
  const server = await listening(async (environ, startResponse) => {
    let length = 0;
    try {
      length = (await environ["wsgi.input"].read()).length;
    } catch (error) {
      errors.push((error as { code: string }).code);
    }
    startResponse("200 OK", []);
    return text(String(length));
  });
  return { ...server, errors };
}

describe("wsgi.input", () => {
  test("shorter than CONTENT_LENGTH is an error to the reader", async () => {
    const { place, errors } = await reading();
    const client = await wire(place);
    client.send(request(1, withLength(10), bytes("abc")));
    await client.end();
    expect(errors).toEqual(["ERR_CLIENT_DISCONNECTED"]);
  });

  test("longer than CONTENT_LENGTH is cut, and its connection goes on", async () => {
    const { place } = await reading();
    const client = await wire(place);
    client.send(request(1, withLength(3), bytes("abcdef")));
    await client.end(1);
    client.send(get("/", 2));
    await client.end(2);
    expect(bodyOf(client.stream(STDOUT, 1))).toBe("3");
    expect(bodyOf(client.stream(STDOUT, 2))).toBe("0");
  });

  test("without CONTENT_LENGTH goes to the end of STDIN", async () => {
    const { place } = await reading();
    const client = await wire(place);
    client.send(request(1, withLength(""), bytes("abcdef")));
    await client.end();
    expect(bodyOf(client.stream(STDOUT))).toBe("6");
  });

  test("can be read before it is complete", async () => {
    const { place } = await listening(async (environ, startResponse) => {
      const line = await environ["wsgi.input"].readline();
      startResponse("200 OK", []);
      return [line];
    });
    const client = await wire(place);
    client.send(begin(1), stream(PARAMS, 1, pairs(withLength(100))), record(STDIN, 1, "one\n"));
    await client.end();
    expect(bodyOf(client.stream(STDOUT))).toBe("one\n");
  });

  test("that nobody reads does not disturb the next request on the connection", async () => {
    const { place } = await listening((_environ, startResponse) => {
      startResponse("200 OK", []);
      return text("unread");
    });
    const client = await wire(place);
    client.send(request(1, withLength(1_000_000), randomBytes(1_000_000)), get("/", 2));
    await client.end(2);
    expect(bodyOf(client.stream(STDOUT, 2))).toBe("unread");
  });

  test("that has made its connection wait, and that nobody reads, does not stop the connection", async () => {
    const { opened, open } = gate();
    const folder = mkdtempSync(join(tmpdir(), "fastcgi-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const application: Application = async (_environ, startResponse) => {
      await opened;
      startResponse("200 OK", []);
      return text("unread");
    };
    // The buffers of a Unix socket are small: what is kept and they hold is less than is sent.
    const { place } = await listening(application, { path: join(folder, "s") });
    const client = await wire(place);
    client.send(begin(1), stream(PARAMS, 1, pairs(withLength(1_900_000))));
    client.send(stream(STDIN, 1, new Uint8Array(1_900_000)), get("/", 2));
    expect(await drainedWithin(client.socket, 200)).toBe(false);
    open();
    await client.end(2);
    expect(bodyOf(client.stream(STDOUT, 2))).toBe("unread");
  });

  test("that nobody reads does not cost the answer where the connection is closed", async () => {
    const { place } = await listening((_environ, startResponse) => {
      startResponse("200 OK", []);
      return text("unread");
    });
    const client = await wire(place);
    client.send(begin(1, { keep: false }), stream(PARAMS, 1, pairs(withLength(1_000_000))));
    await client.end();
    client.send(stream(STDIN, 1, randomBytes(1_000_000)));
    await client.closed();
    expect(bodyOf(client.stream(STDOUT))).toBe("unread");
  });

  test("that nobody wants and that does not end is cut off", async () => {
    const { place } = await listening((_environ, startResponse) => {
      startResponse("200 OK", []);
      return text("unread");
    });
    const client = await wire(place);
    client.send(begin(1), stream(PARAMS, 1, pairs(withLength(1e9))));
    await client.end();
    const block = record(STDIN, 1, randomBytes(65_528));
    client.socket.on("error", () => {});
    let sent = 0;
    await until(() => {
      if (!client.socket.destroyed) {
        client.socket.write(block);
        sent += block.length;
      }
      return client.ended;
    });
    // The bound, and what buffers on the way hold.
    expect(sent).toBeLessThan(16 * 1024 * 1024);
  });

  test("G7 of an application that does not read, the web server is not read ahead by much", async () => {
    const { opened, open } = gate();
    const { place } = await listening(async (environ, startResponse) => {
      await opened;
      const body = await environ["wsgi.input"].read();
      startResponse("200 OK", []);
      return text(String(body.length));
    });
    const client = await wire(place);
    const size = 64 * 65_536;
    client.send(begin(1), stream(PARAMS, 1, pairs(withLength(size))));
    const block = record(STDIN, 1, randomBytes(65_528), 0);
    let accepted = 0;
    let stalled = false;
    const begun = performance.now();
    while (!stalled && accepted < size) {
      stalled = !client.socket.write(block) && !(await drainedWithin(client.socket, 200));
      accepted += 65_528;
    }
    expect(stalled).toBe(true);
    // 256 KiB of ours, the rest in the buffers of the two sockets.
    expect(client.socket.bytesWritten - client.socket.writableLength).toBeLessThan(8 * 1024 * 1024);
    expect(performance.now() - begun).toBeLessThan(5000);
    open();
    const rest = size - accepted;
    client.send(stream(STDIN, 1, randomBytes(Math.max(rest, 0))));
    await client.end();
    expect(bodyOf(client.stream(STDOUT))).toBe(String(size));
  });
});

function drainedWithin(socket: NodeJS.EventEmitter, milliseconds: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), milliseconds);
    socket.once("drain", () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

describe("a response", () => {
  test.each([0, 1, 7, 8, 9, 16_300, 16_384, 65_527, 65_528, 65_529, 65_535, 65_536, 200_000])(
    "of %i bytes arrives whole, in records of at most 65,535",
    async (size) => {
      const content = randomBytes(size);
      const { place } = await listening((environ, startResponse) => {
        startResponse("200 OK", []);
        const middle = Math.floor(size / 2);
        const chunks = [content.subarray(0, middle), content.subarray(middle)];
        switch (environ.PATH_INFO) {
          case "/one":
            return [content];
          case "/two":
            return chunks;
          default:
            return (async function* () {
              yield* chunks;
            })();
        }
      });
      for (const [index, path] of ["/one", "/two", "/stream"].entries()) {
        const client = await wire(place);
        client.send(get(path, index + 1));
        await client.end(index + 1);
        const body = Buffer.from(bodyOf(client.stream(STDOUT, index + 1)), "latin1");
        expect(body.equals(content), path).toBe(true);
        expect(client.rest.length).toBe(0);
      }
    },
  );

  test("of text beyond ASCII has the length of its bytes", async () => {
    const { place } = await listening((_environ, startResponse) => {
      startResponse("200 OK", []);
      return text("gr\u00f6\u00dfe \u2192");
    });
    const client = await wire(place);
    client.send(get("/"));
    await client.end();
    const stdout = Buffer.from(client.stream(STDOUT), "latin1").toString("utf8");
    expect(stdout).toBe("Status: 200 OK\r\nContent-Length: 11\r\n\r\ngr\u00f6\u00dfe \u2192");
  });

  test("has its head before its first chunk, if an empty write has committed it", async () => {
    const { opened, open } = gate();
    const { place } = await listening(async (_environ, startResponse) => {
      const write = startResponse("200 OK", [["X-A", "caf\u00e9"]]);
      write(new Uint8Array());
      await opened;
      return [bytes("later")];
    });
    const client = await wire(place);
    client.send(get("/"));
    await until(() => client.stream(STDOUT) === "Status: 200 OK\r\nX-A: caf\u00e9\r\n\r\n");
    open();
    await client.end();
    expect(bodyOf(client.stream(STDOUT))).toBe("later");
  });

  test("is sent chunk by chunk", async () => {
    const gates = [gate(), gate()];
    const { place } = await listening((_environ, startResponse) => {
      startResponse("200 OK", []);
      return (async function* () {
        yield bytes("one");
        await gates[0]?.opened;
        yield bytes("two");
        await gates[1]?.opened;
      })();
    });
    const client = await wire(place);
    client.send(get("/"));
    await until(() => bodyOf(client.stream(STDOUT)) === "one");
    gates[0]?.open();
    await until(() => bodyOf(client.stream(STDOUT)) === "onetwo");
    gates[1]?.open();
    await client.end();
  });

  test("that breaks after its first chunk has no end, but a record that is none", async () => {
    const { place, log } = await listening((_environ, startResponse) => {
      startResponse("200 OK", []);
      return (async function* () {
        yield bytes("part");
        throw new Error("on purpose");
      })();
    });
    const client = await wire(place);
    client.send(get("/"));
    await client.closed();
    expect(bodyOf(client.stream(STDOUT))).toBe("part");
    expect(client.records.some(({ type }) => type === END)).toBe(false);
    expect(client.rest).toEqual(Buffer.alloc(8));
    expect(log).toEqual([expect.stringContaining("Error: on purpose")]);
  });

  test("shorter than its Content-Length breaks off likewise", async () => {
    const { place } = await listening((_environ, startResponse) => {
      startResponse("200 OK", [["Content-Length", "10"]]);
      return (function* () {
        yield bytes("part");
      })();
    });
    const client = await wire(place);
    client.send(get("/"));
    await client.closed();
    expect(client.records.some(({ type }) => type === END)).toBe(false);
  });

  test("G7 is not produced ahead of a web server that does not read", async () => {
    let pulled = 0;
    const { place } = await listening((_environ, startResponse) => {
      startResponse("200 OK", []);
      return (function* () {
        for (let count = 0; count < 1024; count++) {
          pulled += 65_536;
          yield new Uint8Array(65_536);
        }
      })();
    });
    const client = await wire(place);
    client.socket.pause();
    client.send(get("/"));
    let before = -1;
    // Until it does not go on any more.
    await until(async () => {
      const now = pulled;
      await new Promise((resolve) => setTimeout(resolve, 100));
      const still = now === before && now > 0;
      before = now;
      return still;
    });
    expect(pulled).toBeLessThan(8 * 1024 * 1024);
    let received = 0;
    client.socket.removeAllListeners("data");
    client.socket.on("data", (data: Buffer) => {
      received += data.length;
    });
    client.socket.resume();
    await until(() => received > 64 * 1024 * 1024);
  });
});

/** Sends until it is told that nobody listens, and counts. */
async function endless(kind: "producing" | "waiting" = "producing") {
  const seen = { started: 0, closed: 0, aborted: [] as string[] };
  const server = await listening((environ, startResponse) => {
    const signal = environ["dram.signal"];
    signal?.addEventListener("abort", () => seen.aborted.push(signal.reason.code));
    startResponse("200 OK", []);
    seen.started++;
    return {
      async *[Symbol.asyncIterator]() {
        yield bytes("first");
        for (;;) {
          if (kind === "waiting") {
            await new Promise((resolve) => signal?.addEventListener("abort", resolve));
          }
          yield new Uint8Array(1000);
        }
      },
      close() {
        seen.closed++;
      },
    };
  });
  return { ...server, seen };
}

describe("F19 a web server that leaves", () => {
  test.each(["producing", "waiting"] as const)(
    "by ABORT_REQUEST ends a body that is %s, and gets its END_REQUEST",
    async (kind) => {
      const { place, seen, log } = await endless(kind);
      const client = await wire(place);
      client.send(get("/"));
      await until(() => client.stream(STDOUT).includes("first"));
      client.send(record(ABORT, 1));
      expect(await client.end()).toEqual({ appStatus: 1, protocolStatus: 0 });
      await until(() => seen.closed === 1);
      expect(seen).toEqual({ started: 1, closed: 1, aborted: ["ERR_CLIENT_DISCONNECTED"] });
      const count = client.records.length;
      client.send(get("/", 2));
      await until(() => client.stream(STDOUT, 2).includes("first"));
      expect(client.records.slice(count).every(({ id }) => id === 2)).toBe(true);
      expect(log).toEqual([]);
    },
  );

  test.each([
    ["reset", (socket: { resetAndDestroy(): void }) => socket.resetAndDestroy()],
    ["close", (socket: { destroy(): void }) => socket.destroy()],
    ["end", (socket: { end(): void }) => socket.end()],
  ] as const)("by %s of its connection ends a body, once", async (_name, leave) => {
    for (const kind of ["producing", "waiting"] as const) {
      const { place, seen, log } = await endless(kind);
      const client = await wire(place);
      client.send(get("/"));
      await until(() => client.stream(STDOUT).includes("first"));
      leave(client.socket as never);
      await until(() => seen.closed > 0);
      expect(seen).toEqual({ started: 1, closed: 1, aborted: ["ERR_CLIENT_DISCONNECTED"] });
      expect(log).toEqual([]);
    }
  });

  test("by end of its connection, while it takes nothing, ends a body", async () => {
    const { place, seen } = await endless();
    const client = await wire(place);
    client.send(get("/"));
    await until(() => client.stream(STDOUT).includes("first"));
    client.socket.pause();
    client.socket.end();
    await until(() => seen.closed > 0);
    expect(seen.aborted).toEqual(["ERR_CLIENT_DISCONNECTED"]);
  });

  test("in the middle of an upload makes the reader fail", async () => {
    const { place, errors } = await reading();
    const client = await wire(place);
    client.send(begin(1), stream(PARAMS, 1, pairs(withLength(100))), record(STDIN, 1, "abc"));
    client.socket.end();
    await until(() => errors.length === 1);
    expect(errors).toEqual(["ERR_CLIENT_DISCONNECTED"]);
  });

  test("by ABORT_REQUEST in the middle of an upload makes the reader fail", async () => {
    const { place, errors } = await reading();
    const client = await wire(place);
    client.send(begin(1), stream(PARAMS, 1, pairs(withLength(100))), record(ABORT, 1));
    expect(await client.end()).toEqual({ appStatus: 1, protocolStatus: 0 });
    expect(errors).toEqual(["ERR_CLIENT_DISCONNECTED"]);
  });

  test("before the request is complete leaves the application alone", async () => {
    let called = 0;
    const { place } = await listening((_environ, startResponse) => {
      called++;
      startResponse("200 OK", []);
      return [];
    });
    const client = await wire(place);
    client.send(begin(1), record(PARAMS, 1, pairs([["A", "B"]])), record(ABORT, 1));
    expect(await client.end()).toEqual({ appStatus: 1, protocolStatus: 0 });
    const other = await wire(place);
    other.send(begin(1), record(PARAMS, 1, pairs([["A", "B"]])));
    other.socket.destroy();
    client.send(get("/", 2));
    await client.end(2);
    expect(called).toBe(1);
  });
});

describe("T17 meta-variables", () => {
  test("of more than 1 MiB are answered 431 without a call", async () => {
    let called = 0;
    const { place, log } = await listening((_environ, startResponse) => {
      called++;
      startResponse("200 OK", []);
      return [];
    });
    const client = await wire(place);
    const large: Variables = [...variablesOf({ path: "/" }), ["HTTP_X", "x".repeat(1_048_576)]];
    client.send(request(1, large));
    await client.end();
    expect(client.stream(STDOUT)).toContain("Status: 431 Request Header Fields Too Large\r\n");
    expect(log).toEqual([
      "dram: request refused: ERR_REQUEST_HEADERS_TOO_LARGE: the request has more than 1048576 bytes of meta-variables",
    ]);
    client.send(get("/", 2));
    await client.end(2);
    expect(called).toBe(1);
  });

  test("of 13 MiB, likewise", async () => {
    const { place } = await listening(echo);
    const client = await wire(place);
    client.send(begin(1));
    const block = record(PARAMS, 1, new Uint8Array(65_528));
    for (let count = 0; count < 200; count++) {
      client.send(block);
    }
    client.send(record(PARAMS, 1), record(STDIN, 1));
    await client.end();
    expect(client.stream(STDOUT)).toContain("Status: 431 ");
  });

  test.each([
    ["a value length of 2 GiB", "\x01\xff\xff\xff\xff"],
    ["a name length of 2 GiB", "\xff\xff\xff\xff\x01a"],
    ["CVE-2025-23016 two lengths whose sum wraps around", "\xff\xff\xff\xff\xff\xff\xff\xffab"],
    ["a value that is not there", "\x01\x05abcd"],
    ["a name that is not there", "\x05\x00abcd"],
    ["a length cut off", "\x80\x00"],
    ["a value length that is missing", "\x01"],
    ["a value length cut off", "\x01\x80\x00\x00"],
  ])("%s closes the connection", async (_name, content) => {
    const { place, log } = await listening(echo);
    const client = await wire(place);
    client.send(begin(1), record(PARAMS, 1, content), record(PARAMS, 1), record(STDIN, 1));
    await client.closed();
    expect(client.records).toEqual([]);
    expect(log).toEqual([
      expect.stringMatching(
        /^dram: closed a connection of 127\.0\.0\.1: ERR_EVENT: a FastCGI name-value pair /,
      ),
    ]);
  });

  test("of four-byte lengths are read as those of one", async () => {
    const { place } = await listening(echo);
    const client = await wire(place);
    const rest = pairs([...variablesOf({ path: "/" }), ["HTTP_LONG", "y".repeat(300)]]);
    client.send(
      begin(1),
      record(
        PARAMS,
        1,
        Buffer.concat([Buffer.from("\x80\x00\x00\x08\x01HTTP_FOOx", "latin1"), rest]),
      ),
      record(PARAMS, 1),
      record(STDIN, 1),
    );
    await client.end();
    const answer = JSON.parse(bodyOf(client.stream(STDOUT)));
    expect([answer.HTTP_FOO, answer.HTTP_LONG]).toEqual(["x", "y".repeat(300)]);
  });

  test("T12 of the gateway's own names are left out", async () => {
    const { place } = await listening((environ, startResponse) => {
      startResponse("200 OK", []);
      return text(`${typeof environ["wsgi.input"]} ${"__proto__" in environ} ${environ.SECRET}`);
    });
    const client = await wire(place);
    client.send(
      request(1, [
        ...variablesOf({ path: "/" }),
        ["wsgi.input", "x"],
        ["__proto__", "x"],
        ["SECRET", "x"],
      ]),
    );
    await client.end();
    expect(bodyOf(client.stream(STDOUT))).toBe("object false undefined");
  });

  test("without REQUEST_METHOD are answered 500 and a line that names it", async () => {
    const { place, log } = await listening(echo);
    const client = await wire(place);
    client.send(request(1, [["SCRIPT_NAME", "/"]]));
    await client.end();
    expect(client.stream(STDOUT)).toContain("Status: 500 ");
    expect(log).toEqual([expect.stringContaining("REQUEST_METHOD")]);
  });
});
