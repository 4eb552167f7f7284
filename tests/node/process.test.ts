import { fork } from "node:child_process";
import { connect as connectHttp2 } from "node:http2";
import type { ServeOptions } from "dram/node";
import { describe, expect, onTestFinished, test } from "vitest";
import { bootNode, type NodeServerSpec, type NodeTarget } from "../targets/node.ts";
import { textOf, until } from "../targets/target.ts";
import { bodyOf, get, headOf, wire } from "./helpers.ts";

/** The application of `faults.ts`, served by a process of its own. */
async function boot(
  options: ServeOptions = {},
  spec: Partial<NodeServerSpec> = {},
): Promise<NodeTarget> {
  const target = await bootNode({
    module: new URL("./faults.ts", import.meta.url).href,
    options,
    ...spec,
  });
  onTestFinished(() => {
    target.process.kill("SIGKILL");
  });
  return target;
}

async function body(target: NodeTarget, path: string): Promise<string> {
  return textOf(await target.send({ path }));
}

/**
 * Has a server stop while one request is in flight, on whose connection gates can still be opened.
 */
async function stopping(target: NodeTarget) {
  const opener = await wire(target.port);
  opener.send("GET /waits?opener HTTP/1.1\r\nHost: a\r\n\r\n");
  const idle = await wire(target.port);
  idle.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  await idle.receive("hello");
  await until(() => target.output.includes("waiting opener"));
  target.process.kill("SIGTERM");
  return {
    /** An idle connection is closed first of all. */
    began: until(() => idle.ended),
    open(...names: string[]) {
      for (const name of [...names, "opener"]) {
        opener.send(`GET /open?${name} HTTP/1.1\r\nHost: a\r\n\r\n`);
      }
    },
  };
}

describe("F20 stopping", () => {
  test.each(["SIGTERM", "SIGINT"] as const)(
    "%s ends an idle server with 0 at once",
    async (signal) => {
      const target = await boot();
      expect(await body(target, "/hello")).toBe("hello");
      target.process.kill(signal);
      expect(await target.exit).toBe(0);
      expect(target.log).toEqual([]);
    },
  );

  test("an idle connection does not keep it", async () => {
    const target = await boot();
    const silent = await wire(target.port);
    const idle = await wire(target.port);
    idle.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    await idle.receive("hello");
    target.process.kill("SIGTERM");
    expect(await target.exit).toBe(0);
    await until(() => silent.ended && idle.ended);
  });

  test("no more connections are taken", async () => {
    const target = await boot();
    await (await stopping(target)).began;
    await expect(target.send({ path: "/hello" })).rejects.toThrow("ECONNREFUSED");
  });

  test("responses in flight end, and their connections are closed", async () => {
    const target = await boot();
    const waiting = await wire(target.port);
    waiting.send("GET /waits?a HTTP/1.1\r\nHost: a\r\n\r\n");
    const streaming = await wire(target.port);
    streaming.send("GET /streams?b HTTP/1.1\r\nHost: a\r\n\r\n");
    await streaming.receive("first,");
    await until(() => target.output.includes("waiting a") && target.output.includes("waiting b"));
    const { began, open } = await stopping(target);
    await began;
    open("a", "b");
    expect(await target.exit).toBe(0);
    const waited = await waiting.end();
    expect(headOf(waited)).toContain("Connection: close");
    expect(bodyOf(waited)).toBe("waited");
    expect(await streaming.end()).toContain("second\r\n0\r\n\r\n");
    expect(target.log).toEqual([]);
  });

  test("dram.wait_until is waited for", async () => {
    const target = await boot();
    expect(await body(target, "/afterwards?a")).toBe("first");
    const { began, open } = await stopping(target);
    await began;
    const start = performance.now();
    open("a");
    expect(await target.exit).toBe(0);
    // And no longer: the grace time is 10 s.
    expect(performance.now() - start).toBeLessThan(5000);
    expect(target.output).toContain("afterwards");
  });

  test("after the grace time, what is left is aborted and closed, and the exit code is 1", async () => {
    const target = await boot({ graceTime: 200 });
    const client = await wire(target.port);
    client.send(get("/hangs"));
    await client.receive("first,");
    target.process.kill("SIGTERM");
    expect(await target.exit).toBe(1);
    expect(target.output).toEqual([
      "started",
      "aborted: ERR_ABORTED: the server stops, and the response was not complete within 200 ms",
      "closed",
    ]);
    // Broken off, never ended as if it were whole.
    expect(await client.end()).not.toContain("0\r\n\r\n");
    expect(target.log).toEqual([]);
  });

  test("work that never ends is not waited for beyond the grace time", async () => {
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
    const idle = await wire(target.port);
    idle.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    await idle.receive("hello");
    target.process.kill(signal);
    await until(() => idle.ended);
    target.process.kill(signal);
    expect(await target.exit).toBe(code);
  });

  test("what else holds the process holds it no longer than the grace time", async () => {
    const target = await boot({ graceTime: 300 });
    expect(await body(target, "/holds")).toBe("held");
    target.process.kill("SIGTERM");
    expect(await target.exit).toBe(0);
  });

  test("HTTP/2 is told GOAWAY", async () => {
    const target = await boot({}, { protocol: "h2c" });
    const session = connectHttp2(target.url);
    session.on("error", () => {});
    let goaway = false;
    session.on("goaway", () => {
      goaway = true;
    });
    const stream = session.request({ ":path": "/hangs" });
    let received = "";
    stream.setEncoding("utf8").on("data", (data: string) => {
      received += data;
    });
    await until(() => received === "first,");
    const opener = session.request({ ":path": "/waits?b" });
    opener.on("error", () => {});
    target.process.kill("SIGTERM");
    await until(() => goaway);
    stream.close();
    opener.close();
    expect(await target.exit).toBe(0);
  });

  test("a body that is slow to close is waited for after its client has left", async () => {
    const target = await boot();
    const client = await wire(target.port);
    client.send("GET /streams?a HTTP/1.1\r\nHost: a\r\n\r\n");
    await until(() => target.output.includes("waiting a"));
    const idle = await wire(target.port);
    idle.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    await idle.receive("hello");
    target.process.kill("SIGTERM");
    await until(() => idle.ended);
    client.socket.destroy();
    expect(await target.exit).toBe(0);
    expect(target.log).toEqual([expect.stringContaining("ERR_CLOSE_TIMEOUT")]);
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
    for (const path of ["/throws", "/rejects", "/times", "/waits?a", "/throws"]) {
      const client = await wire(target.port);
      client.send(get(path));
      if (path !== "/waits?a") {
        await client.receive("\r\n\r\n");
      }
    }
    expect(await body(target, "/hello")).toBe("hello");
    expect(target.process.exitCode).toBe(null);
  });

  test("a server without serve() has no guard of dram's", async () => {
    const target = await bootNode();
    onTestFinished(() => {
      target.process.kill("SIGKILL");
    });
    expect(await body(target, "/text")).toBe("gr\u00f6\u00dfe");
    target.process.kill("SIGTERM");
    expect(await target.exit).toBe("SIGTERM");
  });
});

test("the example is served by its entry", async () => {
  const child = fork(new URL("../../examples/hello/node.ts", import.meta.url), {
    execArgv: ["--conditions=dram-source"],
    env: { ...process.env, PORT: "0" },
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  let output = "";
  child.stdout?.setEncoding("utf8").on("data", (data: string) => {
    output += data;
  });
  await until(() => output.includes("\n"));
  const [, url] =
    /^hello is at (http:\/\/127\.0\.0\.1:\d+) \(Ctrl-C stops it\)\n$/.exec(output) ?? [];
  expect((await fetch(`${url}/redirect`, { redirect: "manual" })).status).toBe(303);
  child.kill("SIGTERM");
  await until(() => child.exitCode !== null);
  expect(child.exitCode).toBe(0);
});
