import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { header, type TestRequest, textOf, until } from "../targets/target.ts";
import { PLACES, type Served } from "./targets.ts";

describe.each(PLACES)("a response of Python's on %s", (_place, boot) => {
  let served: Served;

  beforeAll(async () => {
    served = await boot();
  });

  afterAll(() => served.close());

  async function get(path: string, request: Partial<TestRequest> = {}): Promise<[number, string]> {
    const response = await served.send({ path, ...request });
    return [response.status, await textOf(response)];
  }

  /** What the application has noted since it was last asked. */
  async function seen(): Promise<string[]> {
    return JSON.parse((await get("/seen"))[1]);
  }

  /** The log that a request has left. */
  async function logged(path: string): Promise<string> {
    const before = served.log.length;
    await get(path).catch(() => {});
    await until(() => served.log.length > before);
    return served.log.slice(before).join("\n");
  }

  test("is a list of chunks in one", async () => {
    const response = await served.send({ path: "/hello" });
    expect([response.status, response.reason, await textOf(response)]).toEqual([
      200,
      "OK",
      "Hello from Python",
    ]);
    expect(header(response, "content-type")).toEqual(["text/plain"]);
  });

  test("streams, and is closed", async () => {
    await seen();
    expect(await get("/streams")).toEqual([200, "one two three"]);
    expect(await seen()).toEqual(["streams closed"]);
  });

  test("may come from an iterator that is no iterable", async () => {
    expect(await get("/steps")).toEqual([200, "step step step "]);
  });

  test("is not started twice", async () => {
    expect(await get("/twice")).toEqual([200, "start_response was called again without exc_info"]);
  });

  test("is replaced with exc_info while nothing is sent", async () => {
    const response = await served.send({ path: "/replaced" });
    expect([response.status, await textOf(response)]).toEqual([503, "replaced"]);
    expect(header(response, "x-first")).toEqual([]);
  });

  test("raises exc_info again once it is sent", async () => {
    expect(await get("/too_late")).toEqual([200, "sent division by zero"]);
  });

  test("breaks off where exc_info is raised again and nobody catches it", async () => {
    await expect(get("/too_late_uncaught")).rejects.toThrow("aborted");
  });

  test("may be started in the first step of a generator", async () => {
    expect(await get("/late")).toEqual([201, "late"]);
  });

  test("has what was written before what is returned", async () => {
    await seen();
    expect(await get("/writes")).toEqual([200, "one two three"]);
    expect(await seen()).toEqual(["writes closed"]);
  });

  test("ends with Content-Length, and is closed", async () => {
    await seen();
    expect(await get("/measured")).toEqual([200, "onetwo"]);
    expect(await seen()).toEqual(["measured closed"]);
  });

  test("lets a generator go on behind its last byte", async () => {
    await seen();
    expect(await get("/behind")).toEqual([200, "done"]);
    await until(async () => (await seen()).includes("behind ran"));
  });

  test("has no body for HEAD, and is closed", async () => {
    await seen();
    const response = await served.send({ path: "/head", method: "HEAD" });
    expect([response.status, await textOf(response)]).toEqual([200, ""]);
    expect(header(response, "content-length")).toEqual(["11"]);
    await until(async () => (await seen()).includes("head closed"));
  });

  test("has no body with 204 and 304", async () => {
    expect(await get("/no_content")).toEqual([204, ""]);
    const response = await served.send({ path: "/not_modified" });
    expect([response.status, header(response, "etag")]).toEqual([304, ['"1"']]);
  });

  test("keeps repeated headers apart", async () => {
    const response = await served.send({ path: "/cookies" });
    expect(header(response, "set-cookie")).toEqual(["a=1", "b=2"]);
  });

  test("keeps the bytes of the path and of headers", async () => {
    const response = await served.send({
      path: "/latin1/caf%C3%A9%FF",
      headers: [["X-Bytes", "\xfcber"]],
    });
    expect(header(response, "x-bytes")).toEqual(["\xfcber\xe9\xff"]);
    expect(Buffer.from(await textOf(response), "utf8").toString()).toContain("/latin1/café");
  });

  test("is a file, which is closed", async () => {
    await seen();
    const [status, body] = await get("/file");
    expect([status, body.length]).toEqual([200, 100_000]);
    expect(await seen()).toEqual(["file closed"]);
  });

  test("is a plain 500, and a traceback in the log, where the application raises", async () => {
    expect(await get("/fails")).toEqual([500, "Internal Server Error\n"]);
    const log = await logged("/fails");
    expect(log).toContain("dram: GET /fails: Traceback (most recent call last)");
    expect(log).toMatch(/last\): \| File "[^"]*spec.py", line \d+, in app \|/);
    expect(log).toMatch(/LookupError: no such caf\\xe9$/);
  });

  test.each([
    ["exits", "SystemExit: 3"],
    ["interrupts", "KeyboardInterrupt"],
    ["recurses", "RecursionError"],
    ["never", "AssertionError: the application did not call start_response"],
    ["nothing", "TypeError: the application returned None; wanted an iterable of bytes"],
    ["text_chunk", "TypeError: the application produced a str where bytes were wanted"],
    ["bytes_header", "holds a bytes; wanted str"],
    ["bad_header", "ERR_HEADER_VALUE"],
    ["write_refused", "ERR_HEADER_VALUE"],
    ["short", "ERR_CONTENT_LENGTH: the body ended 5 bytes short"],
  ])("is a 500 for %s, and Python goes on", async (path, error) => {
    expect(await logged(`/${path}`)).toContain(error);
    expect(await get(`/${path}`)).toEqual([500, "Internal Server Error\n"]);
    expect(await get("/hello")).toEqual([200, "Hello from Python"]);
  });

  test("is closed where its chunk is no bytes, or its headers are refused", async () => {
    await seen();
    await get("/text_chunk");
    await get("/bad_header");
    expect(await seen()).toEqual(["text_chunk closed", "bad_header closed"]);
  });

  test("breaks off where a chunk is no bytes, and is closed", async () => {
    await seen();
    await expect(get("/fails_between")).rejects.toThrow("aborted");
    expect(await seen()).toEqual(["fails_between closed"]);
  });

  test("is whole where close() fails, which is logged", async () => {
    expect(await get("/fails_closing")).toEqual([200, "all the same"]);
    expect(await logged("/fails_closing")).toContain("dram: close() failed");
    await until(() => served.log.at(-1) === "LookupError: close failed");
  });

  test("is closed when the client leaves", async () => {
    await seen();
    const response = await served.send({ path: "/endless" });
    for await (const chunk of response.chunks) {
      expect(Buffer.from(chunk).toString()).toMatch(/^more/);
      break;
    }
    response.leave();
    await until(async () => (await seen()).includes("endless left"));
  });

  test("may be left by the client while it is written", async () => {
    const response = await served.send({ path: "/big_writes" });
    const before = served.log.length;
    response.leave();
    await until(async () => (await seen()).length >= 0);
    expect(await get("/hello")).toEqual([200, "Hello from Python"]);
    expect(served.log.slice(before)).toEqual([]);
  });

  test("may sleep between its chunks", async () => {
    expect(await get("/sleeps")).toEqual([200, "slept twice"]);
  });
});
