import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestRequest, textOf, until } from "../targets/target.ts";
import { PLACES, type Served } from "./targets.ts";

const LINES = "abcdef\nghi\njkl\nmno\npq";

describe.each(PLACES)("a request to Python on %s", (_place, boot, input) => {
  let served: Served;

  beforeAll(async () => {
    served = await boot();
  });

  afterAll(() => served.close());

  async function get(path: string, request: Partial<TestRequest> = {}): Promise<unknown> {
    const response = await served.send({ path, ...request });
    const text = await textOf(response);
    return response.status === 200 && text !== "" ? JSON.parse(text) : [response.status, text];
  }

  test("has the variables of PEP 3333 and RFC 3875", async () => {
    expect(await get("/environment/a%20b?c=%20")).toMatchObject({
      REQUEST_METHOD: "GET",
      SCRIPT_NAME: "",
      PATH_INFO: "/environment/a b",
      QUERY_STRING: "c=%20",
      SERVER_NAME: "127.0.0.1",
      SERVER_PORT: String(served.port),
      SERVER_PROTOCOL: "HTTP/1.1",
      HTTP_HOST: `localhost:${served.port}`,
      REMOTE_ADDR: "127.0.0.1",
      "wsgi.version": "tuple",
      "wsgi.url_scheme": "http",
      "wsgi.input_terminated": true,
      "wsgi.errors": "_Errors",
      "wsgi.file_wrapper": "type",
      "wsgi.multithread": false,
      "wsgi.run_once": false,
    });
  });

  test("has nothing of JavaScript's", async () => {
    const keys = Object.keys(Object(await get("/environment")));
    expect(keys.filter((key) => /^(?:dram|node|deno)\./.test(key))).toEqual([]);
  });

  test("has its body pulled where Python can wait for it", async () => {
    const found = await get("/environment", { method: "POST", body: Buffer.from(LINES) });
    expect(found).toMatchObject({ "wsgi.input": input });
    // What came in chunks has a length only where it is there as a whole.
    const length = input === "BytesIO" ? "21" : undefined;
    expect(Object(found).CONTENT_LENGTH).toBe(length);
  });

  test("has a body to read, line by line and at its end", async () => {
    const body = Buffer.from(LINES);
    expect(await get("/read_parts", { method: "POST", body })).toEqual([
      "abc",
      "def\n",
      "gh",
      ["i\n", "jkl\n"],
      ["mno\n", "pq"],
      "",
    ]);
  });

  test("ends where its body ends, however often it is read", async () => {
    const body = Buffer.from(LINES);
    expect(await get("/read_twice", { method: "POST", body })).toEqual([21, 0, 0]);
  });

  test("without a body is read as empty", async () => {
    expect(await get("/read_twice")).toEqual([0, 0, 0]);
  });

  test("may have a body of many chunks and no length", async () => {
    async function* body(): AsyncGenerator<Uint8Array, void, void> {
      for (let count = 0; count < 40; count++) {
        yield new Uint8Array(50_000);
      }
    }
    expect(await get("/read", { method: "POST", body: body() })).toBe(2_000_000);
  });

  test("may be left unread", async () => {
    const request = { method: "POST", body: Buffer.from(LINES) };
    expect(
      await get("/environment", { ...request, headers: [["Content-Length", "21"]] }),
    ).toMatchObject({ REQUEST_METHOD: "POST", CONTENT_LENGTH: "21" });
  });

  test("may be read in the middle of the response", async () => {
    const response = await served.send({
      path: "/read_late",
      method: "POST",
      body: Buffer.from(LINES),
    });
    expect(await textOf(response)).toBe(LINES);
  });

  test("logs to wsgi.errors, whose lines are whole, and prints to the log", async () => {
    const before = served.log.length;
    await served.send({ path: "/log" }).then(textOf);
    await until(() => served.log.length >= before + 4);
    const log = served.log.slice(before);
    expect(log.filter((line) => line !== "printed")).toEqual([
      "first half, second half",
      "café",
      "€",
    ]);
    expect(log).toContain("printed");
  });

  test("sees no event loop, and may run one", async () => {
    expect(await get("/loop")).toEqual([false, [0, 1, 2, false, true], false]);
  });

  // RFC 6070, RFC 7914 §12, and Node's own.
  test("can derive keys", async () => {
    expect(await get("/hashes")).toEqual([
      "c5e478d59288c841aa530db6845c4c8d962893a0",
      "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957",
      "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640",
    ]);
  });

  test("knows UTC", async () => {
    expect(await get("/zones")).toBe("2026-07-01T00:00:00+00:00");
  });
});
