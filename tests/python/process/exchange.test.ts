import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { listening, wire } from "../../node/helpers.ts";
import { until } from "../../targets/target.ts";
import { gate, program, serving } from "./helpers.ts";

describe("a response", () => {
  test("of one small chunk has its length", async () => {
    const { ask } = await serving();
    const response = await ask("/prints");
    expect(response.headers.get("content-length")).toBe("0");
  });

  test("of one chunk of many frames is whole", async () => {
    const { ask } = await serving();
    const body = Buffer.from(await (await ask("/large")).bytes());
    expect(
      body.equals(
        Buffer.alloc(
          1_048_576,
          Uint8Array.from({ length: 256 }, (_, at) => at),
        ),
      ),
    ).toBe(true);
  });

  test("is what write() is given, and what is returned behind it", async () => {
    const { read } = await serving();
    expect(await read("/writes")).toBe(`one ${"x".repeat(600_000)} three`);
  });

  test("begins before the body of the request is read", async () => {
    const { server } = await serving();
    const client = await wire(server.port);
    client.send("POST /early HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    await client.receive("early");
    client.send("3\r\nabc\r\n0\r\n\r\n");
    expect(await client.receive("abc")).toContain("early\r\n3\r\nabc");
  });

  test("that Python does not begin is a 500, with the traceback in the log", async () => {
    const { ask, server } = await serving();
    const response = await ask("/raises");
    expect([response.status, await response.text()]).toEqual([500, "Internal Server Error\n"]);
    expect(server.log).toEqual([
      expect.stringMatching(
        /^dram: GET \/raises: Traceback \(most recent call last\): \| File ".*steps\.py", line \d+, in application .* \| ZeroDivisionError: on purpose$/,
      ),
    ]);
  });

  test("of sys.exit is a 500, and no end of the worker", async () => {
    const { ask, read, printed } = await serving();
    const pid = await read("/pid");
    expect((await ask("/exits")).status).toBe(500);
    expect(await read("/pid")).toBe(pid);
    expect(printed).toEqual([]);
  });

  test("with a head that the gateway refuses is a 500, and closed", async () => {
    const { ask, printed, server } = await serving();
    expect((await ask("/hops")).status).toBe(500);
    expect(server.log[0]).toContain("ERR_HOP_BY_HOP");
    expect(printed).toEqual(["closed after 1"]);
  });
});

describe("the log", () => {
  test("has what is printed, and frames have not", async () => {
    const { read, printed, server } = await serving();
    expect(await read("/prints")).toBe("");
    await until(() => printed.length === 4);
    expect(printed.toSorted()).toEqual(["O\0\0\0\0\0\0\0\0", "cried", "printed", "written"]);
    expect(server.log).toEqual(["logged"]);
  });
});

describe("a client that leaves", () => {
  test("in mid-download has the body closed, once, and the worker serves on", async () => {
    const { ask, read, printed, server } = await serving();
    const controller = new AbortController();
    const response = await ask("/endless", { signal: controller.signal });
    await response.body?.getReader().read();
    controller.abort();
    await until(() => printed.length === 1);
    expect(printed[0]).toMatch(/^closed after \d+$/);
    await read("/pid");
    expect(printed).toHaveLength(1);
    expect(server.log).toEqual([]);
  });

  test("in mid-upload is an OSError to the application", async () => {
    const { read, printed, server } = await serving();
    const client = await wire(server.port);
    client.send("POST /reads HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n12345");
    await until(() => printed.length === 1);
    client.socket.destroy();
    await until(() => printed.length === 2);
    expect(printed[1]).toMatch(/^found OSError: the client left after 5 bytes/);
    expect(await read("/show?NONE")).toBe("None");
    expect(server.log).toEqual([]);
  });
});

describe("a body that is too large", () => {
  test("is answered 413 where it is not announced", async () => {
    const { application } = await serving();
    const server = await listening(application, { maxBodySize: 10 });
    const client = await wire(server.port);
    client.send("POST /reads HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.send("14\r\n12345678901234567890\r\n0\r\n\r\n");
    expect(await client.receive("maxBodySize")).toContain("HTTP/1.1 413 Content Too Large");
  });
});

describe("20 MB", () => {
  test("up and down leave the memory of the worker flat", async () => {
    const { ask, read } = await serving();
    const idle = Number(await read("/memory"));
    const [total, peak] = (await read("/upload", { method: "POST", ...streamed(320) })).split(" ");
    expect(total).toBe("20971520");
    // KiB: less than a fifth of the body.
    expect(Number(peak) - idle).toBeLessThan(4096);
    let received = 0;
    const response = await ask("/download?320");
    for await (const part of response.body ?? []) {
      received += part.length;
    }
    expect(received).toBe(20_971_520);
    expect(Number(await read("/memory")) - idle).toBeLessThan(4096);
  });

  test("are not made faster than the client takes them", async () => {
    const { server, printed } = await serving();
    const accepted = once(server.server, "connection");
    const client = await wire(server.port);
    client.socket.pause();
    client.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n");
    const [socket] = await accepted;
    expect(await rest(() => socket.bytesWritten)).toBeLessThan(5_000_000);
    client.socket.destroy();
    await until(() => printed.length === 1);
    expect(Number(printed[0]?.replace("closed after ", ""))).toBeLessThan(100);
  });

  test("are not taken before the application reads them", async () => {
    const { server, printed } = await serving();
    const { path, open } = gate();
    const accepted = once(server.server, "connection");
    const client = await wire(server.port);
    client.send(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n`);
    client.send("x".repeat(20_000_000));
    await until(() => printed.length === 1);
    const [socket] = await accepted;
    expect(await rest(() => socket.bytesRead)).toBeLessThan(5_000_000);
    open();
    await client.receive("200 OK");
  });
});

/** A number that has grown, once it does so no longer. */
async function rest(count: () => number): Promise<number> {
  const seen = [0, 0, 0, 0, 0];
  await until(() => {
    seen.unshift(count());
    seen.pop();
    return seen[0] !== 0 && new Set(seen).size === 1;
  });
  return count();
}

/** A body of chunks of 64 KiB. */
function streamed(count: number): RequestInit {
  const chunk = new Uint8Array(65_536);
  const body = ReadableStream.from(Array.from({ length: count }, () => chunk));
  return { body, duplex: "half" };
}

describe("a worker that does not keep to the protocol", () => {
  test.each([
    ["an answer that is none", 'b"Y", 1, b""', 'a frame of type "Y" is out of place'],
    ["a head that is none", 'b"H", 1, b"\\0\\0\\0\\2[]"', 'a frame of type "H" is out of place'],
    ["a frame of 4 GB", "HUGE", "a frame of the worker has 4294967295 bytes"],
  ])("with %s is killed", async (_name, frame, found) => {
    const python = program(FAKE.replace("FRAME", frame));
    const { ask, printed } = await serving({ python });
    expect((await ask("/")).status).toBe(502);
    await until(() => printed.length === 1);
    expect(printed[0]).toContain(`has ended with SIGKILL: ERR_WORKER: ${found}`);
  });
});

/** Reads its start and a request, and answers with a frame. */
const FAKE = `#!/usr/bin/env python3
import os, struct
HUGE = None
def send(kind, id, content):
    os.write(3, struct.pack("!cII", kind, id, len(content)) + content)
stream = open(3, "rb", closefd=False)
stream.readline()
send(b"O", 0, b"")
stream.read(9)
frame = FRAME
if frame is HUGE:
    os.write(3, b"B\\0\\0\\0\\1" + b"\\xff" * 4)
else:
    send(*frame)
stream.read()
`;
