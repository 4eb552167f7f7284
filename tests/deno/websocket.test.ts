import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { ServeOptions } from "dram/deno";
import { describe, expect, onTestFinished, test } from "vitest";
import { headOf, wire } from "../node/helpers.ts";
import { closing, handshake, message, open, rawSocket } from "../node/sockets.ts";
import {
  bootDeno,
  bootDenoServe,
  DENO,
  DENO_ENV,
  type DenoTarget,
  denoConfig,
} from "../targets/deno.ts";
import { textOf, until } from "../targets/target.ts";

const module = new URL("../websocket/application.ts", import.meta.url).href;

async function boot(
  options: ServeOptions = {},
  protocol: "http" | "https" = "http",
): Promise<DenoTarget> {
  const target = await bootDeno({ module, options }, protocol);
  onTestFinished(() => {
    target.process.kill("SIGKILL");
  });
  return target;
}

async function seen(target: DenoTarget): Promise<string[]> {
  return JSON.parse(await textOf(await target.send({ path: "/seen" })));
}

describe("a handshake that Deno would take", () => {
  test.each([
    ["a key that is none", { "Sec-WebSocket-Key": "x" }],
    ["no key", { "Sec-WebSocket-Key": undefined }],
    ["another version", { "Sec-WebSocket-Version": "8" }],
    ["no Connection", { Connection: undefined }],
    ["subprotocols that are no tokens", { "Sec-WebSocket-Protocol": "a b" }],
  ])("is refused with 400 for %s", async (_name, changes) => {
    const target = await boot();
    const client = await wire(target.port);
    client.send(handshake("/", changes));
    const head = headOf(await client.receive("\r\n\r\n"));
    expect(head[0]).toBe("HTTP/1.1 400 Bad Request");
    expect(head.map((line) => line.toLowerCase())).toContain("sec-websocket-version: 13");
  });
});

test.each(["first,second", "first, second"])("chooses one of %j", async (offered) => {
  const target = await boot();
  const client = await wire(target.port);
  client.send(handshake("/second", { "Sec-WebSocket-Protocol": offered }));
  const head = headOf(await client.receive("\r\n\r\n"));
  expect(head[0]).toBe("HTTP/1.1 101 Switching Protocols");
  expect(head.map((line) => line.toLowerCase())).toContain("sec-websocket-protocol: second");
});

test("WebSockets are served over TLS", async () => {
  const target = await boot({}, "https");
  const client = await open(target.port, "/", [], { scheme: "wss", ca: target.ca });
  client.send("echo secret");
  expect(await message(client)).toBe("secret");
});

test("peers are all connections of the process", async () => {
  const target = await boot();
  const clients = await Promise.all([open(target.port, "/a"), open(target.port, "/b")]);
  const received = clients.map(message);
  clients[0]?.send("all hello");
  expect(await Promise.all(received)).toEqual(["hello", "hello"]);
});

test("send waits for a client that does not read, and goes on when it does", async () => {
  const target = await boot();
  const client = await rawSocket(target.port, "/fills");
  client.socket.pause();
  client.send("\x81\x84\0\0\0\0fill");
  const sent = async () => (await seen(target)).length;
  const first = await settled(sent);
  // What the system's own buffers take on both sides, and 64 KiB.
  expect(first).toBeLessThan(200);
  client.socket.on("data", () => {});
  client.socket.resume();
  await until(async () => (await sent()) > first + 200);
});

test("a client that answers no ping is disconnected with 1006", async () => {
  const target = await boot({ pingInterval: 1000 });
  const client = await rawSocket(target.port, "/silent");
  await client.receive(/\x89\0/);
  await until(async () => (await seen(target)).includes('/silent 1006 ""'), 5000);
});

test("a client that answers pings stays connected", async () => {
  const target = await boot({ pingInterval: 1000 });
  const client = await open(target.port, "/lively");
  let pings = 0;
  client.on("ping", () => {
    pings++;
  });
  await until(() => pings === 3, 8000);
  client.send("echo here");
  expect(await message(client)).toBe("here");
});

test("a server that stops closes with 1001, and waits for what follows", async () => {
  const target = await boot();
  const client = await open(target.port, "/stops");
  const over = closing(client);
  target.process.kill("SIGTERM");
  expect((await over)[0]).toBe(1001);
  expect(await target.exit).toBe(0);
  expect([target.output, target.log]).toEqual([["/stops is over"], []]);
});

test("close() resolves when disconnect is over", async () => {
  const script = fileURLToPath(new URL("./closing-websocket.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(
    DENO,
    ["run", "--allow-net=127.0.0.1", ...denoConfig(), script],
    { env: DENO_ENV },
  );
  expect(JSON.parse(stdout)).toEqual({ isOver: true, code: 1001 });
});

test("a client that does not answer holds no server that stops", async () => {
  const target = await boot({ graceTime: 200 });
  const client = await rawSocket(target.port, "/stays");
  target.process.kill("SIGTERM");
  await client.receive(/\x88[\s\S]\x03\xe9/);
  // Deno's own shutdown closes the connection.
  expect(await target.exit).toBe(0);
});

test("toDeno serves them under `deno serve`", async () => {
  const target = await bootDenoServe(new URL("../websocket/deno.ts", import.meta.url));
  onTestFinished(() => target.close());
  const client = await open(target.port, "/");
  client.send("echo hello");
  expect(await message(client)).toBe("hello");
  client.close(4001, "bye");
  await until(async () => (await seen(target)).includes('/ 4001 "bye"'));
});

test.each([
  [{ pingInterval: -1 }, "option pingInterval is -1; wanted a whole number of milliseconds"],
  [{ maxMessageSize: 0 }, "option maxMessageSize"],
])("the option %j is refused", async (options, text) => {
  await expect(bootDeno({ module, options })).rejects.toThrow(`DramError: ${text}`);
});

/** A count once it has not changed for a while. */
async function settled(count: () => Promise<number>): Promise<number> {
  let last = -1;
  let since = performance.now();
  await until(async () => {
    const now = await count();
    if (now !== last) {
      last = now;
      since = performance.now();
    }
    return performance.now() - since > 300;
  }, 10_000);
  return last;
}
