import { connect as connectHttp2 } from "node:http2";
import type { ServeOptions } from "dram/deno";
import { describe, expect, onTestFinished, test } from "vitest";
import { bodyOf, get, wire } from "../node/helpers.ts";
import { bootDeno, type DenoTarget } from "../targets/deno.ts";
import { textOf, until } from "../targets/target.ts";

/** The application that proves stopping on Node, served by a process of Deno's. */
async function boot(
  options: ServeOptions = {},
  protocol: "http" | "https" = "http",
  flags: readonly string[] = [],
): Promise<DenoTarget> {
  const module = new URL("../node/faults.ts", import.meta.url).href;
  const target = await bootDeno({ module, options, flags }, protocol);
  onTestFinished(() => {
    target.process.kill("SIGKILL");
  });
  return target;
}

async function body(target: DenoTarget, path: string): Promise<string> {
  return textOf(await target.send({ path }));
}

/** An idle connection, which a server that stops closes first of all. */
async function idle(target: DenoTarget) {
  const client = await wire(target.port);
  client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  await client.receive("hello");
  return client;
}

describe("F20 stopping", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("%s ends an idle server with 0", async (signal) => {
    const target = await boot();
    const silent = await wire(target.port);
    const used = await idle(target);
    target.process.kill(signal);
    expect(await target.exit).toBe(0);
    await until(() => silent.ended && used.ended);
    expect(target.log).toEqual([]);
  });

  test("responses in flight end, and no more connections are taken", async () => {
    const target = await boot();
    const waiting = await wire(target.port);
    waiting.send("GET /waits?a HTTP/1.1\r\nHost: a\r\n\r\n");
    const streaming = await wire(target.port);
    streaming.send("GET /streams?b HTTP/1.1\r\nHost: a\r\n\r\n");
    await streaming.receive("first,");
    // What is sent behind a response in flight would be too late: this one is in flight itself.
    const opener = await slowly(target);
    await until(() => target.output.includes("waiting a") && target.output.includes("waiting b"));
    const used = await idle(target);
    target.process.kill("SIGTERM");
    await until(() => used.ended);
    await expect(target.send({ path: "/hello" })).rejects.toThrow("ECONNREFUSED");
    opener.finish();
    expect(await target.exit).toBe(0);
    expect(bodyOf(await waiting.end())).toBe("waited");
    expect(await streaming.end()).toContain("second\r\n0\r\n\r\n");
    expect(target.log).toEqual([]);
  });

  test("after the grace time what streams breaks, what waits is told 503, and the code is 1", async () => {
    const target = await boot({ graceTime: 200 });
    const hanging = await wire(target.port);
    hanging.send(get("/hangs"));
    await hanging.receive("first,");
    const waiting = await wire(target.port);
    waiting.send(get("/waits?a"));
    await until(() => target.output.includes("waiting a"));
    target.process.kill("SIGTERM");
    expect(await target.exit).toBe(1);
    expect(target.output).toEqual([
      "started",
      "waiting a",
      "aborted: ERR_ABORTED: the server stops, and the response was not complete within 200 ms",
      "closed",
    ]);
    // Broken off, never ended as if it were whole.
    expect(await hanging.end()).not.toContain("0\r\n\r\n");
    expect(await waiting.end()).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
    expect(target.log).toEqual([]);
  });

  test("a client that takes nothing does not hold it", async () => {
    const target = await boot({ graceTime: 200 });
    const client = await wire(target.port);
    client.socket.pause();
    client.send(get("/floods"));
    await until(() => target.output.includes("flooding"));
    target.process.kill("SIGTERM");
    expect(await target.exit).toBe(1);
    expect(target.output.at(-1)).toBe("closed");
  });

  test("dram.wait_until is waited for, and no longer than the grace time", async () => {
    const target = await boot({ graceTime: 200 });
    expect(await body(target, "/afterwards?a")).toBe("first");
    target.process.kill("SIGTERM");
    expect(await target.exit).toBe(1);
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)("a second %s ends it at once with %i", async (signal, code) => {
    const target = await boot({ graceTime: 60_000 });
    const client = await wire(target.port);
    client.send(get("/hangs"));
    await client.receive("first,");
    const used = await idle(target);
    target.process.kill(signal);
    await until(() => used.ended);
    target.process.kill(signal);
    expect(await target.exit).toBe(code);
  });

  test("what else holds the process holds it no longer than the grace time", async () => {
    const target = await boot({ graceTime: 300 });
    expect(await body(target, "/holds")).toBe("held");
    target.process.kill("SIGTERM");
    expect(await target.exit).toBe(0);
  });

  test("signals: false leaves the signals to others", async () => {
    const target = await boot({ signals: false });
    target.process.kill("SIGTERM");
    expect(await target.exit).toBe("SIGTERM");
  });
});

describe("F14 T15 stray errors", () => {
  test.each([
    ["/rejects", "rejected", "dram: an unhandled rejection: Error: left alone"],
    ["/times", "timed", "dram: an uncaught exception: Error: in a timer"],
  ])("%s is logged in one line, and serving goes on", async (path, answer, line) => {
    const target = await boot();
    expect(await body(target, path)).toBe(answer);
    await until(() => target.log.length === 1);
    expect(target.log[0]).toContain(line);
    expect(await body(target, "/hello")).toBe("hello");
    expect(target.log).toHaveLength(1);
  });

  test("F28 with nobody to read the log, serving goes on", async () => {
    const target = await boot();
    target.process.stderr?.destroy();
    target.process.stdout?.destroy();
    for (const path of ["/throws", "/rejects", "/times", "/throws"]) {
      const client = await wire(target.port);
      client.send(get(path));
      await client.receive("\r\n\r\n");
    }
    expect(await body(target, "/hello")).toBe("hello");
    expect(target.process.exitCode).toBe(null);
  });
});

/** Deno's own signal aborts after every response, but with this flag. */
const SIGNALS = [[[]], [["--unstable-no-legacy-abort"]]] as const;

test.each(SIGNALS)("F08 a body that breaks is logged in one line %j", async (flags) => {
  const target = await boot({}, "http", flags);
  await expect(body(target, "/breaks")).rejects.toThrow();
  // A line of Deno's own would come before the answer to another request.
  expect(await body(target, "/hello")).toBe("hello");
  await until(() => target.log.length > 0);
  expect(target.log).toEqual([expect.stringContaining("dram: GET /breaks: Error: in the middle")]);
  target.process.kill("SIGTERM");
  expect(await target.exit).toBe(0);
});

describe("F01 F04 a client that leaves", () => {
  test.each(["http", "https"] as const)("in mid-download over %s", async (protocol) => {
    const target = await boot({}, protocol);
    if (protocol === "http") {
      const client = await wire(target.port);
      client.send(get("/hangs"));
      await client.receive("first,");
      client.socket.destroy();
    } else {
      const session = connectHttp2(target.url, target.ca === undefined ? {} : { ca: target.ca });
      const stream = session.request({ ":path": "/hangs" });
      stream.on("error", () => {});
      await until(() => stream.readableLength > 0 || stream.read() !== null);
      stream.close(8);
      onTestFinished(() => session.destroy());
    }
    await until(() => target.output.includes("closed"));
    expect(target.output).toEqual([
      "started",
      "aborted: ERR_CLIENT_DISCONNECTED: the client left before the response was complete",
      "closed",
    ]);
    expect(target.log).toEqual([]);
  });

  test.each(SIGNALS)(
    "in the midst of a flood, and leaves nothing to wait for %j",
    async (flags) => {
      const target = await boot({}, "http", flags);
      const client = await wire(target.port);
      client.send(get("/floods"));
      await client.receive("\r\n\r\n");
      client.socket.resetAndDestroy();
      await until(() => target.output.includes("closed"));
      // The signal first, for an application that ends by itself at it.
      expect(target.output).toEqual(["flooding", "aborted: ERR_CLIENT_DISCONNECTED", "closed"]);
      target.process.kill("SIGTERM");
      expect(await target.exit).toBe(0);
      expect(target.log).toEqual([]);
    },
  );

  test("in mid-upload", async () => {
    const target = await boot();
    const client = await wire(target.port);
    client.send("POST /uploads HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n0123456789");
    await until(() => target.output.includes("read 10"));
    client.socket.destroy();
    await until(() => target.output.length > 1);
    expect(target.output).toEqual(["read 10", "refused: ERR_CLIENT_DISCONNECTED"]);
  });

  test("before there is any answer", async () => {
    const target = await boot();
    const client = await wire(target.port);
    client.send(get("/waits-for-signal"));
    await until(() => target.output.includes("waiting"));
    client.socket.destroy();
    await until(() => target.output.length > 1);
    expect(target.output).toEqual(["waiting", "aborted: ERR_CLIENT_DISCONNECTED"]);
  });
});

test("G7 F05 a client that takes nothing makes the application wait", async () => {
  const target = await boot();
  const client = await wire(target.port);
  client.socket.pause();
  client.send(get("/floods"));
  await until(() => target.output.includes("flooding"));
  const pulled = async () => Number(await body(target, "/pulled"));
  let before = -1;
  await until(async () => {
    const now = await pulled();
    const stands = now === before;
    before = now;
    return stands;
  });
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(8 * 1024 ** 2);
});

/** Holds a request in flight whose end opens the gates `a` and `b`. */
async function slowly(target: DenoTarget): Promise<{ finish(): void }> {
  const client = await wire(target.port);
  client.send("POST /opens?a,b HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n");
  await until(() => target.output.includes("opening a,b"));
  return { finish: () => client.send("x") };
}
