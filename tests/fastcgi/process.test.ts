import { mkdtempSync, renameSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastcgiOptions } from "dram/fastcgi";
import { describe, expect, onTestFinished, test } from "vitest";
import { bootFastcgi, type FastcgiTarget } from "../targets/fastcgi.ts";
import { END, get, STDERR, STDOUT } from "../targets/fastcgi-client.ts";
import { until } from "../targets/target.ts";
import { ask, bodyOf, wire } from "./helpers.ts";

async function boot(
  options: FastcgiOptions = { port: 0 },
  extra: Parameters<typeof bootFastcgi>[2] = {},
): Promise<FastcgiTarget> {
  const module = new URL("./application.ts", import.meta.url);
  const target = await bootFastcgi(module, options, extra);
  onTestFinished(() => {
    target.process.kill("SIGKILL");
  });
  return target;
}

test("a body that never waits keeps no other request waiting", async () => {
  const target = await boot();
  const flooded = await wire(target.place);
  flooded.send(get("/floods"));
  await until(() => flooded.stream(STDOUT).length > 100);
  expect(await ask(target.place, "/pid")).toBe(String(target.process.pid));
});

describe("F20 stopping", () => {
  test.each(["SIGTERM", "SIGINT", "SIGUSR1"] as const)(
    "%s ends an idle server with 0 at once, its connections closed",
    async (signal) => {
      const target = await boot();
      const idle = await wire(target.place);
      idle.send(get("/hello"));
      await idle.end();
      const silent = await wire(target.place);
      target.process.kill(signal);
      expect(await target.exit).toBe(0);
      await idle.closed();
      await silent.closed();
      expect(target.log).toEqual([]);
    },
  );

  test("responses in flight end, and their connections are closed", async () => {
    const target = await boot();
    const waiting = await wire(target.place);
    waiting.send(get("/waits?a"));
    const opener = await wire(target.place);
    opener.send(get("/waits?opener"));
    const idle = await wire(target.place);
    idle.send(get("/hello"));
    await idle.end();
    await until(() => target.output.length === 2);
    target.process.kill("SIGTERM");
    await idle.closed();
    await expect(wire(target.place)).rejects.toThrow("ECONNREFUSED");
    expect(waiting.ended).toBe(false);
    // Both wait for a gate that nobody can open any more but by leaving.
    opener.socket.destroy();
    waiting.socket.destroy();
    expect(await target.exit).toBe(0);
  });

  test("a connection is closed as soon as its own response has ended", async () => {
    const target = await boot();
    const waiting = await wire(target.place);
    waiting.send(get("/waits?a"));
    const slow = await wire(target.place);
    slow.send(get("/slow"));
    await until(() => target.output.includes("slow") && target.output.includes("waiting a"));
    target.process.kill("SIGTERM");
    await slow.closed();
    expect(bodyOf(slow.stream(STDOUT))).toBe("first,second");
    expect(waiting.ended).toBe(false);
    waiting.socket.destroy();
    expect(await target.exit).toBe(0);
  });

  test("a response that ends within the grace time is whole", async () => {
    const target = await boot({ port: 0, graceTime: 5000 });
    const client = await wire(target.place);
    client.send(get("/slow"));
    await until(() => target.output.includes("slow"));
    target.process.kill("SIGTERM");
    expect(await client.end()).toEqual({ appStatus: 0, protocolStatus: 0 });
    expect(bodyOf(client.stream(STDOUT))).toBe("first,second");
    await client.closed();
    expect(await target.exit).toBe(0);
  });

  test("after the grace time, what is left is aborted and closed, and the exit code is 1", async () => {
    const target = await boot({ port: 0, graceTime: 200 });
    const client = await wire(target.place);
    client.send(get("/hangs"));
    await until(() => client.stream(STDOUT).includes("first,"));
    target.process.kill("SIGTERM");
    expect(await target.exit).toBe(1);
    expect(target.output).toEqual([
      "started",
      "aborted: ERR_ABORTED: the server stops, and the response was not complete within 200 ms",
      "closed",
    ]);
    await client.closed();
    expect(client.records.some(({ type }) => type === END)).toBe(false);
  });

  test("a second signal ends it at once", async () => {
    const target = await boot({ port: 0, graceTime: 60_000 });
    const client = await wire(target.place);
    client.send(get("/hangs"));
    const idle = await wire(target.place);
    idle.send(get("/hello"));
    await idle.end();
    await until(() => target.output.includes("started"));
    target.process.kill("SIGTERM");
    await idle.closed();
    target.process.kill("SIGUSR1");
    expect(await target.exit).toBe(138);
  });

  test("signals: false leaves the signals to others", async () => {
    const target = await boot({ port: 0, signals: false });
    target.process.kill("SIGTERM");
    expect(await target.exit).toBe("SIGTERM");
  });

  test("the socket of a server that is stopped is gone, that of one that is killed is replaced", async () => {
    const inside = mkdtempSync(join(tmpdir(), "fastcgi-"));
    onTestFinished(() => rmSync(inside, { recursive: true }));
    const path = join(inside, "s");
    const killed = await boot({ path });
    killed.process.kill("SIGKILL");
    await killed.exit;
    expect(statSync(path).isSocket()).toBe(true);
    const next = await boot({ path });
    expect(await ask(next.place, "/hello")).toBe("hello");
    next.process.kill("SIGTERM");
    await next.exit;
    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
  });
});

describe("F14 stray errors", () => {
  test.each([
    ["/rejects", "rejected", "dram: an unhandled rejection: Error: left alone"],
    ["/times", "timed", "dram: an uncaught exception: Error: in a timer"],
  ])("%s is logged in one line, and serving goes on", async (path, answer, line) => {
    const target = await boot();
    expect(await ask(target.place, path)).toBe(answer);
    await until(() => target.log.length === 1);
    expect(target.log[0]).toContain(line);
    expect(await ask(target.place, "/hello")).toBe("hello");
  });

  test("an error about a request goes to the web server, not to standard error", async () => {
    const target = await boot();
    const client = await wire(target.place);
    client.send(get("/throws"));
    await client.end();
    expect(client.stream(STDERR)).toContain("dram: GET /throws: Error: on purpose");
    expect(target.log).toEqual([]);
  });

  test("what comes when a request has ended goes to standard error", async () => {
    const target = await boot();
    expect(await ask(target.place, "/late")).toBe("first");
    await until(() => target.log.length === 1);
    expect(target.log[0]).toMatch(
      /^dram: GET "\/late": a promise given to dram\.wait_until rejected: Error: too late/,
    );
  });
});

describe("without a place", () => {
  test.each(["tcp", "unix"] as const)("a %s socket on descriptor 0 is served", async (kind) => {
    const inside = mkdtempSync(join(tmpdir(), "fastcgi-"));
    onTestFinished(() => rmSync(inside, { recursive: true }));
    const path = join(inside, "s");
    const server = createServer();
    onTestFinished(() => {
      server.close();
    });
    await new Promise<void>((resolve) =>
      kind === "tcp" ? server.listen(0, "127.0.0.1", resolve) : server.listen(`${path}~`, resolve),
    );
    const address = server.address();
    const place =
      typeof address === "object" && address !== null ? { port: address.port } : { path };
    if (kind === "unix") {
      // Or it would be removed when the server here is closed.
      renameSync(`${path}~`, path);
    }
    // As mod_fcgid and spawn-fcgi do; Node itself has no public way to it.
    const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
    const booting = boot({}, { stdin: fd });
    // Only the child accepts from now on.
    server.close();
    const target = await booting;
    expect(await ask(place, "/hello")).toBe("hello");
    expect(target.url).toBe(kind === "tcp" ? `fcgi://127.0.0.1:${place.port}` : "fd:0");
    target.process.kill("SIGUSR1");
    expect(await target.exit).toBe(0);
  });

  test("and without a socket on descriptor 0, nothing is served", async () => {
    await expect(boot({})).rejects.toThrow(
      /none of the options port, path and fd is given, and the standard input is no socket/,
    );
  });
});
