import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { invalid, wrong } from "./http/application.ts";
import { testOn } from "./known-failures.ts";
import { bootDenoServe } from "./targets/deno.ts";
import { bootFetch } from "./targets/fetch.ts";
import { bootNode } from "./targets/node.ts";
import { bytesOf, header, type Target, textOf, until } from "./targets/target.ts";
import { bootWorkerd } from "./targets/workerd.ts";

const OWN_LINES = /^(?:Uncaught |\[Error: dram: a response body broke off\]$)/;

describe.each([
  ["fetch", bootFetch],
  ["workerd", bootWorkerd],
  ["deno", () => bootDenoServe(new URL("./http/deno.ts", import.meta.url))],
  ["node", bootNode],
] as const)("%s", (name, boot) => {
  let target: Target;

  beforeAll(async () => {
    target = await boot();
  });

  afterAll(() => target?.close());

  async function seen(): Promise<Record<string, number>> {
    return JSON.parse(await textOf(await target.send({ path: "/seen" })));
  }

  /** Sends the second half of a body only after the first has come back, and waits for that. */
  async function echoByHalves() {
    let resume = (): void => {};
    const echoed = new Promise<void>((resolve) => {
      resume = resolve;
    });
    const body = (async function* () {
      yield new Uint8Array(65_536).fill(1);
      await echoed;
      yield new Uint8Array(65_536).fill(2);
      // The end of the body comes behind its last chunk, not with it.
      await delay(10);
    })();
    const response = await target.send({ method: "POST", path: "/echo", body });
    const chunks = response.chunks[Symbol.asyncIterator]();
    for (let received = 0; received < 131_072; ) {
      const { value = new Uint8Array() } = await chunks.next();
      expect(value.length).toBeGreaterThan(0);
      received += value.length;
      if (received === 65_536) {
        resume();
      }
    }
    return { response, chunks };
  }

  async function environOf(path: string, headers: [string, string][] = []) {
    const response = await target.send({ path: `/environ${path}`, headers });
    return JSON.parse(await textOf(response));
  }

  /**
   * The new lines of the log, when there are as many as wanted. workerd and Deno add lines of their
   * own about a response that breaks.
   */
  async function newLines(before: number, count: number): Promise<readonly string[]> {
    const lines = () => target.log.slice(before).filter((line) => !OWN_LINES.test(line));
    await until(() => lines().length >= count);
    return lines();
  }

  describe("environ", () => {
    test("has the CGI variables as strings", async () => {
      expect(await environOf("?a=1&b=%20+")).toMatchObject({
        REQUEST_METHOD: "GET",
        SCRIPT_NAME: "",
        PATH_INFO: "/environ",
        QUERY_STRING: "a=1&b=%20+",
        REQUEST_URI: "/environ?a=1&b=%20+",
        // The address that the client has connected to, where the platform tells it.
        SERVER_NAME: name === "node" ? "127.0.0.1" : "localhost",
        SERVER_PROTOCOL: "HTTP/1.1",
        GATEWAY_INTERFACE: "CGI/1.1",
        "wsgi.url_scheme": "http",
      });
    });

    test("has no Content-Type and no Content-Length that was not sent", async () => {
      const environ = await environOf("");
      expect(environ).not.toHaveProperty("CONTENT_TYPE");
      expect(environ).not.toHaveProperty("CONTENT_LENGTH");
    });

    test("joins repeated headers, drops Proxy and names with an underscore", async () => {
      const environ = await environOf("", [
        ["X-Twice", "a"],
        ["X-Twice", "b"],
        ["X-Empty", ""],
        ["Proxy", "http://evil.example"],
        ["X_User", "evil"],
        ["X-User", "good"],
      ]);
      expect(environ.HTTP_X_TWICE).toBe("a, b");
      expect(environ.HTTP_X_EMPTY).toBe("");
      expect(environ.HTTP_X_USER).toBe("good");
      expect(environ).not.toHaveProperty("HTTP_PROXY");
    });

    test("holds the bytes of a UTF-8 header value, one code point each", async () => {
      const environ = await environOf("", [["X-Name", "caf\u00c3\u00a9"]]);
      expect(environ.HTTP_X_NAME).toBe("caf\u00c3\u00a9");
    });

    test("keeps a broken escape as it is and decodes the others once", async () => {
      const response = await target.send({ path: "/%E9%zz%252f" });
      expect(response.status).toBe(404);
      expect(await textOf(response)).toBe("no such case");
    });

    test("a mounted gateway cuts at a segment and answers 404 outside", async () => {
      const inside = await target.send({ path: "/mnt/environ" });
      expect(JSON.parse(await textOf(inside))).toMatchObject({
        SCRIPT_NAME: "/mnt",
        PATH_INFO: "/environ",
      });
      const outside = await target.send({ path: "/mntx" });
      expect([outside.status, await textOf(outside)]).toEqual([
        404,
        'Not Found: "/mntx" is not below "/mnt"\n',
      ]);
    });
  });

  describe("response", () => {
    test("text is sent in UTF-8 under the Content-Type it was given", async () => {
      const response = await target.send({ path: "/text" });
      expect(header(response, "content-type")).toEqual(["text/plain; charset=utf-8"]);
      expect(await bytesOf(response)).toEqual(Buffer.from("größe"));
    });

    test.each([
      ["text()", "/text", "at once"],
      ["an array", "/chunks", "at once"],
      ["json()", "/environ", "at once"],
      ["a generator", "/generator", "a promise"],
    ])("%s is answered %s: %s", async (_what, path, how) => {
      expect(await textOf(await target.send({ path: `/sync?${path}` }))).toBe(how);
    });

    test("no Content-Type is invented", async () => {
      const response = await target.send({ path: "/untyped" });
      expect(header(response, "content-type")).toEqual([]);
      expect(await textOf(response)).toBe("no type");
    });

    test.each([
      ["/chunks", "one,two,three"],
      ["/empty", ""],
      ["/generator", "ab"],
      ["/write", "123"],
    ])("%s arrives whole and in order", async (path, body) => {
      expect(await textOf(await target.send({ path }))).toBe(body);
    });

    test("large chunks arrive whole, with their length", async () => {
      const response = await target.send({ path: "/large-chunks" });
      expect(header(response, "content-length")).toEqual(["200000"]);
      const body = await bytesOf(response);
      expect([body.length, body[99_999], body[100_000]]).toEqual([200_000, 0x61, 0x62]);
    });

    test("a generator may set the status in its first step", async () => {
      const response = await target.send({ path: "/late-start" });
      expect([response.status, await textOf(response)]).toEqual([418, "short and stout"]);
    });

    test("two cookies stay two, other repeated headers keep their order", async () => {
      const response = await target.send({ path: "/cookies" });
      expect(header(response, "set-cookie")).toEqual([
        "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
        "b=2",
      ]);
      expect(header(response, "x-foo").join(", ")).toBe("foo, bar, baz");
    });

    test("a header value in UTF-8 leaves as those bytes", async () => {
      const response = await target.send({ path: "/header-bytes" });
      expect(header(response, "x-utf8")).toEqual(["caf\u00c3\u00a9"]);
      // workerd has no way to send the byte E9 alone.
      expect(header(response, "x-latin")).toEqual([
        name === "workerd" ? "caf\u00c3\u00a9" : "caf\u00e9",
      ]);
    });

    test.each(["/encoded", "/encoded-stream"])("%s is not encoded again", async (path) => {
      const response = await target.send({ path });
      expect(header(response, "content-encoding")).toEqual(["gzip"]);
      expect(await textOf(response)).toBe("not really compressed");
    });

    test.each([
      ["GET", "204+No+Content", 204],
      ["GET", "205+Reset+Content", 205],
      ["GET", "304+Not+Modified", 304],
      ["HEAD", "200+OK", 200],
      ["HEAD", "204+No+Content", 204],
    ])("%s answered %s has no body", async (method, status, code) => {
      const response = await target.send({ method, path: `/status?${status}` });
      expect([response.status, header(response, "etag")]).toEqual([code, ['"x"']]);
      expect((await bytesOf(response)).length).toBe(0);
    });

    test("HEAD is told the length that GET would have", async () => {
      const response = await target.send({ method: "HEAD", path: "/chunks" });
      expect(header(response, "content-length")).toEqual(["13"]);
      expect((await bytesOf(response)).length).toBe(0);
    });

    test("HEAD of an endless body answers, and closes it", async () => {
      const before = (await seen())["endless closed"] ?? 0;
      const response = await target.send({ method: "HEAD", path: "/endless" });
      expect(response.status).toBe(200);
      await bytesOf(response);
      expect((await seen())["endless closed"]).toBe(before + 1);
    });

    test("no byte beyond Content-Length is sent, and none asked for", async () => {
      const response = await target.send({ path: "/surplus" });
      expect(header(response, "content-length")).toEqual(["4"]);
      expect(await textOf(response)).toBe("0123");
      expect(await seen()).not.toHaveProperty("surplus asked for more");
    });

    test("wsgi.file_wrapper sends a file and closes it", async () => {
      const response = await target.send({ path: "/file" });
      expect((await bytesOf(response)).length).toBe(20_000);
      await until(async () => (await seen())["file closed"] === 1);
    });

    test.each(["/gate?generator", "/write-gate"])(
      "%s: the first chunk arrives before the second is made",
      async (path) => {
        const response = await target.send({ path });
        const chunks = response.chunks[Symbol.asyncIterator]();
        expect(Buffer.from((await chunks.next()).value ?? []).toString()).toBe("first,");
        await target.send({
          path: path === "/write-gate" ? "/open?write-gate" : "/open?generator",
        });
        expect(Buffer.from((await chunks.next()).value ?? []).toString()).toBe("second");
      },
    );
  });

  describe("request body", () => {
    test("lines are iterated, and joined where chunks split them", async () => {
      const body = (async function* () {
        yield Buffer.from("a\nb");
        yield Buffer.from("b\r\nc");
      })();
      const response = await target.send({ method: "POST", path: "/lines", body });
      expect(JSON.parse(await textOf(response))).toEqual(["a\n", "bb\r\n", "c"]);
    });

    test("20 MB are streamed through", async () => {
      const piece = new Uint8Array(1_000_000).fill(7);
      const body = (async function* () {
        for (let index = 0; index < 20; index++) {
          yield piece;
        }
      })();
      const response = await target.send({ method: "POST", path: "/count", body });
      expect(await textOf(response)).toBe("20000000");
    });

    // Under Deno the first half now and then stays away; why is not known yet.
    test("is read while the response is sent", async () => {
      const { response } = await echoByHalves();
      response.leave();
    });

    // Several at once: where the end is lost, it is not lost every time.
    testOn(name)("ends while the response is sent", async () => {
      const ends = Array.from({ length: 10 }, async () => {
        const { response, chunks } = await echoByHalves();
        try {
          const end = await Promise.race([chunks.next(), delay(3000, "no end")]);
          expect(end).toEqual({ done: true, value: undefined });
        } finally {
          response.leave();
        }
      });
      await Promise.all(ends);
    });

    test("need not be read", async () => {
      const body = new Uint8Array(1_000_000);
      const response = await target.send({ method: "POST", path: "/unread", body });
      expect([response.status, await textOf(response)]).toEqual([200, "not read"]);
      expect((await target.send({ path: "/text" })).status).toBe(200);
    });

    test("over maxBodySize is answered 413 while it is read", async () => {
      const body = (async function* () {
        yield new Uint8Array(600);
        yield new Uint8Array(600);
      })();
      const response = await target.send({ method: "POST", path: "/mnt/count", body });
      expect([response.status, await textOf(response)]).toEqual([
        413,
        "Content Too Large: the request body is over maxBodySize, 1000 bytes\n",
      ]);
    });

    test("announced over maxBodySize is answered 413 before the application", async () => {
      const { called = 0 } = await seen();
      const response = await target.send({
        method: "POST",
        path: "/mnt/count",
        headers: [["Content-Length", "1001"]],
        body: new Uint8Array(1001),
      });
      expect(response.status).toBe(413);
      expect((await seen()).called).toBe(called + 1);
    });
  });

  describe("faults", () => {
    test.each(Object.keys(invalid))("invalid head %s: 500 without a trace of it", async (which) => {
      const before = target.log.length;
      const response = await target.send({ path: `/invalid?${which}` });
      expect(response.status).toBe(500);
      expect(response.headers.filter(([found]) => found.startsWith("x-evil"))).toEqual([]);
      expect(header(response, "x-injected")).toEqual([]);
      expect(await textOf(response)).toBe("Internal Server Error\n");
      expect((await newLines(before, 1)).length).toBe(1);
    });

    test.each(Object.keys(wrong))("wrong application %s: 500 and one line", async (which) => {
      const before = target.log.length;
      const response = await target.send({ path: `/wrong/${which}` });
      expect([response.status, await textOf(response)]).toEqual([500, "Internal Server Error\n"]);
      const lines = await newLines(before, 1);
      expect(lines.length).toBe(1);
      expect(lines[0]).toMatch(
        /^dram: GET \/wrong\/[a-z-]+: ERR_(APPLICATION|BODY_TYPE|CHUNK_TYPE|NOT_STARTED): the application /,
      );
    });

    test.each(["/throws", "/throws-after-start"])("%s: 500, told only to the log", async (path) => {
      const before = target.log.length;
      const response = await target.send({ path });
      expect(response.status).toBe(500);
      expect(header(response, "x-secret")).toEqual([]);
      expect(await textOf(response)).toBe("Internal Server Error\n");
      const lines = await newLines(before, 1);
      expect(lines.length).toBe(1);
      expect(lines[0]).toContain(`dram: GET ${path}: Error: secret`);
    });

    for (const path of ["/breaks", "/breaks-with-length", "/short"]) {
      testOn(name)(`${path}: the client sees the break`, async () => {
        const before = target.log.length;
        const response = await target.send({ path });
        await expect(bytesOf(response)).rejects.toThrow();
        // Of this path alone: the line of an expected failure before it may still be on its way.
        const own = () => target.log.slice(before).filter((line) => line.includes(`GET ${path}:`));
        await until(() => own().length > 0);
        expect(own()).toHaveLength(1);
      });
    }

    test("a client that leaves in mid-download ends the body within 2 s", async () => {
      const { "endless closed": closed = 0, "endless finally": ended = 0 } = await seen();
      const response = await target.send({ path: "/endless" });
      for await (const chunk of response.chunks) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      response.leave();
      await until(async () => {
        const now = await seen();
        return now["endless closed"] === closed + 1 && now["endless finally"] === ended + 1;
      }, 2000);
    });

    testOn(name)("a client that leaves while nothing is produced aborts dram.signal", async () => {
      const { "waits closed": closed = 0 } = await seen();
      const response = await target.send({ path: "/waits" });
      expect((await response.chunks[Symbol.asyncIterator]().next()).done).toBe(false);
      response.leave();
      await until(async () => (await seen())["waits closed"] === closed + 1, 2000);
    });
  });

  test("dram.wait_until keeps work alive after the response, and logs its failure", async () => {
    const before = target.log.length;
    expect(await textOf(await target.send({ path: "/afterwards" }))).toBe("first");
    await until(async () => (await seen())["afterwards done"] === 1);
    expect((await newLines(before, 1))[0]).toMatch(
      /^dram: GET "\/afterwards": a promise given to dram.wait_until rejected: Error: afterwards failed/,
    );
  });

  test("wsgi.errors is logged a line a record", async () => {
    const before = target.log.length;
    await target.send({ path: "/logs" });
    expect(await newLines(before, 3)).toEqual([
      "one line",
      "and the beginning of → another \ufffd",
      "unfinished",
    ]);
  });

  test("100 requests at once do not mix", async () => {
    const identities = Array.from({ length: 100 }, (_, index) =>
      `id-${index}`.repeat(1 + (index % 5)),
    );
    const answers = await Promise.all(
      identities.map(async (identity) => {
        const response = await target.send({ path: `/identity?${identity}` });
        return [header(response, "x-identity")[0], await textOf(response)];
      }),
    );
    expect(answers).toEqual(identities.map((identity) => [identity, identity]));
  });
});
