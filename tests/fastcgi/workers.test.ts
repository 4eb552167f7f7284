import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastcgiOptions } from "dram/fastcgi";
import { serveFastcgi } from "dram/fastcgi";
import { describe, expect, onTestFinished, test } from "vitest";
import { bootFastcgi, type FastcgiTarget } from "../targets/fastcgi.ts";
import { type FastcgiWire, get, STDOUT } from "../targets/fastcgi-client.ts";
import { until } from "../targets/target.ts";
import { ask, bodyOf, pids, wire } from "./helpers.ts";

async function boot(options: FastcgiOptions): Promise<FastcgiTarget> {
  const target = await bootFastcgi(new URL("./application.ts", import.meta.url), options);
  onTestFinished(() => {
    target.process.kill("SIGKILL");
  });
  return target;
}

async function body(client: FastcgiWire, path: string): Promise<string> {
  client.send(get(path));
  await client.end();
  return bodyOf(client.stream(STDOUT));
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "fastcgi-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

describe("workers", () => {
  test("take turns, none of them the supervisor", async () => {
    const target = await boot({ port: 0, workers: 2 });
    const found = await pids(target.place, 2);
    expect(found).not.toContain(target.process.pid);
    expect(target.log).toEqual([]);
  });

  test("share a Unix socket that only their user may open, and leave the umask alone", async () => {
    const path = join(folder(), "s");
    const target = await boot({ path, workers: 2 });
    await pids(target.place, 2);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await ask(target.place, "/umask")).toBe(process.umask().toString(8));
    target.process.kill("SIGTERM");
    expect(await target.exit).toBe(0);
    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
  });

  test("F18 one that is killed takes with it what it had in flight, and nothing else", async () => {
    const path = join(folder(), "s");
    const target = await boot({ path, workers: 2 });
    const [victim = 0] = await pids(target.place, 2);
    const flights: { client: FastcgiWire; pid: number }[] = [];
    // Each connection stays with its worker.
    for (let index = 0; index < 20; index++) {
      const client = await wire(target.place);
      const pid = Number(await body(client, "/pid"));
      client.send(get(`/waits?${index}`, 2));
      flights.push({ client, pid });
    }
    await until(() => target.output.filter((line) => line.startsWith("waiting")).length === 20);
    const killed = performance.now();
    process.kill(victim, "SIGKILL");
    for (const { client, pid } of flights) {
      if (pid === victim) {
        await client.closed();
      }
    }
    // The other one serves on, and has not noticed.
    expect(await ask(target.place, "/hello")).toBe("hello");
    expect(performance.now() - killed).toBeLessThan(1000);
    await pids(target.place, 2);
    const spared = flights.filter(({ pid }) => pid !== victim);
    expect(spared.length).toBeGreaterThan(0);
    expect(spared.every(({ client }) => !client.ended)).toBe(true);
    expect(target.log).toEqual([
      `dram: worker ${victim} has ended with SIGKILL; another one starts`,
    ]);
  });

  test("requests that come while the only one is dead wait for the next", async () => {
    const target = await boot({ port: 0, workers: 1 });
    for (let round = 0; round < 3; round++) {
      process.kill(Number(await ask(target.place, "/pid")), "SIGKILL");
      const answers = await Promise.allSettled(
        Array.from({ length: 20 }, () => ask(target.place, "/hello")),
      );
      // The first may have been handed to the one that was just dying.
      expect(answers.filter(({ status }) => status === "rejected").length).toBeLessThanOrEqual(1);
      expect(await ask(target.place, "/hello")).toBe("hello");
    }
  });

  test("that die at once are replaced more slowly each time", async () => {
    const target = await boot({ port: 0, workers: 1 });
    for (let deaths = 1; deaths <= 4; deaths++) {
      const client = await wire(target.place);
      client.send(get("/die"));
      await until(() => target.log.length === deaths);
    }
    expect(target.log.map((line) => line.replace(/\d+/, "N"))).toEqual([
      "dram: worker N has ended with 3; another one starts",
      "dram: worker N has ended with 3; another one starts in 100 ms",
      "dram: worker N has ended with 3; another one starts in 200 ms",
      "dram: worker N has ended with 3; another one starts in 400 ms",
    ]);
    expect(await ask(target.place, "/hello")).toBe("hello");
  });

  test("that end before they serve make the supervisor give up with 1", async () => {
    const path = join(folder(), "s");
    const booting = bootFastcgi(new URL("./unable.ts", import.meta.url), { path, workers: 2 });
    await expect(booting).rejects.toThrow(
      /^ended with 1: .*worker \d+ has ended with 7, as the 5th in a row before it served; giving up$/s,
    );
    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
  });

  test("F20 end what they have in flight when the supervisor is told to stop", async () => {
    const target = await boot({ port: 0, workers: 2 });
    const clients = await Promise.all(
      Array.from({ length: 4 }, async (_, index) => {
        const client = await wire(target.place);
        client.send(get(`/waits?${index}`));
        return client;
      }),
    );
    await until(() => target.output.length === 4);
    const idle = await wire(target.place);
    await body(idle, "/hello");
    target.process.kill("SIGTERM");
    await idle.closed();
    expect(target.process.exitCode).toBe(null);
    for (const client of clients) {
      client.socket.destroy();
    }
    expect(await target.exit).toBe(0);
    expect(target.log).toEqual([]);
  });

  test("that cannot end in time are broken off, and the exit code is 1", async () => {
    const target = await boot({ port: 0, workers: 2, graceTime: 100 });
    const client = await wire(target.place);
    client.send(get("/hangs"));
    await until(() => target.output.includes("started"));
    target.process.kill("SIGTERM");
    expect(await target.exit).toBe(1);
    expect(target.output).toContain("closed");
  });

  test("end at once with the supervisor at its second signal", async () => {
    const target = await boot({ port: 0, workers: 1 });
    const pid = Number(await ask(target.place, "/pid"));
    const client = await wire(target.place);
    client.send(get("/waits?a"));
    const idle = await wire(target.place);
    await body(idle, "/hello");
    target.process.kill("SIGTERM");
    await idle.closed();
    target.process.kill("SIGTERM");
    expect(await target.exit).toBe(143);
    await until(() => !isAlive(pid));
  });

  test("one that is told to stop by itself is replaced", async () => {
    const target = await boot({ port: 0, workers: 1 });
    const pid = Number(await ask(target.place, "/pid"));
    process.kill(pid, "SIGTERM");
    await until(() => target.log.length === 1);
    expect(Number(await ask(target.place, "/pid"))).not.toBe(pid);
    expect(target.log).toEqual([`dram: worker ${pid} has ended with 0; another one starts`]);
  });

  test("do not outlive a supervisor that is killed", async () => {
    const target = await boot({ port: 0, workers: 2 });
    const found = await pids(target.place, 2);
    target.process.kill("SIGKILL");
    await until(() => !found.some(isAlive));
  });

  test("are not started for an option that is malformed", async () => {
    const options = { port: 0, workers: 2, webServerAddresses: ["localhost"] };
    await expect(boot(options)).rejects.toThrow(
      'option webServerAddresses[0] is "localhost"; wanted an IPv4 or IPv6 address',
    );
  });

  test("of nothing are refused", async () => {
    await expect(serveFastcgi(() => [], { port: 0, workers: 0 })).rejects.toThrow(
      "option workers is 0; wanted a number of processes, at least 1",
    );
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
