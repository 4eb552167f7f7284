import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import WebSocket from "ws";
import { bodyOf, wire } from "../node/helpers.ts";
import {
  closing,
  FINAL,
  frame,
  handshake,
  message,
  open,
  rawSocket,
  TEXT,
} from "../node/sockets.ts";
import { bootDeno, type DenoTarget } from "../targets/deno.ts";
import { textOf, until } from "../targets/target.ts";
import { bootWorkerd, type WorkerdTarget } from "../targets/workerd.ts";

type Booted = WorkerdTarget | DenoTarget;

const TARGETS: readonly [name: string, boot: () => Promise<Booted>][] = [
  ["Workers", () => bootWorkerd({ durableObjects: { ROOM: "Room" } }, "../websocket/worker.ts")],
  [
    "a Durable Object",
    () =>
      bootWorkerd(
        { durableObjects: { ROOM: "Room" }, bindings: { IN: "object" } },
        "../websocket/worker.ts",
      ),
  ],
  ["Deno", () => bootDeno({ module: new URL("./application.ts", import.meta.url).href })],
];

describe.each(TARGETS)("on %s", (name, boot) => {
  let target: Booted;

  beforeAll(async () => {
    target = await boot();
  });

  afterAll(() => target?.close());

  async function seen(): Promise<string[]> {
    return JSON.parse(await textOf(await target.send({ path: "/seen" })));
  }

  function noted(...lines: string[]): Promise<void> {
    return until(async () => {
      const all = await seen();
      return lines.every((line) => all.includes(line));
    });
  }

  test("a denial is a response like any other: status, headers and body", async () => {
    const client = await wire(target.port);
    client.send(handshake("/deny"));
    const answer = await client.receive("127.0.0.1 may not\n");
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(answer).toMatch(/^x-utf8: caf\xc3\xa9\r$/im);
    expect(bodyOf(answer)).toBe("127.0.0.1 may not\n");
  });

  test("headers of an acceptance are the bytes that the application gave", async () => {
    const client = await wire(target.port);
    client.send(handshake("/bytes"));
    expect(await client.receive("\r\n\r\n")).toMatch(/^x-utf8: caf\xc3\xa9\r$/im);
  });

  test("an answer of connect that is none is answered 500 and logged", async () => {
    const before = target.log.length;
    const client = await wire(target.port);
    client.send(handshake("/bad-answer"));
    expect(await client.receive("Internal Server Error\n")).toMatch(/^HTTP\/1\.1 500 /);
    await until(() =>
      target.log.slice(before).some((line) => line.includes("ERR_HANDSHAKE_ANSWER")),
    );
  });

  test("nothing is answered before connect has decided", async () => {
    const client = await wire(target.port);
    client.send(handshake("/gate-waits"));
    await noted("/gate-waits asks");
    expect(client.received).toBe("");
    await target.send({ path: "/release" });
    expect(await client.receive("\r\n\r\n")).toMatch(/^HTTP\/1\.1 101 /);
  });

  test("frames that a client sends before the answer are handled after it", async () => {
    const client = await wire(target.port);
    client.send(handshake("/gate-early") + frame(FINAL | TEXT, "echo early"));
    await noted("/gate-early asks");
    await target.send({ path: "/release" });
    await client.receive(/\x81\x05early$/);
  });

  test("a client that leaves before the decision is disconnected with 1006", async () => {
    const client = await wire(target.port);
    client.send(handshake("/gate-left"));
    await noted("/gate-left asks");
    client.socket.resetAndDestroy();
    if (name === "Workers") {
      // workerd ends the invocation: nothing is accepted, and nobody is left to be told.
      expect(await seen()).not.toContain('/gate-left 1006 ""');
      return;
    }
    await noted("/gate-left aborted");
    await target.send({ path: "/release" });
    await noted('/gate-left 1006 ""');
  });

  test("text and bytes arrive as such", async () => {
    const client = await open(target.port);
    client.send("echo größe");
    expect(await message(client)).toBe("größe");
    client.send(new Uint8Array([1, 2, 3]));
    expect(await message(client)).toEqual(new Uint8Array([3, 2, 1]));
  });

  test("a slow handler holds the next message back", async () => {
    const client = await open(target.port);
    const received: unknown[] = [];
    client.on("message", (data) => received.push(String(data)));
    client.send("slow 1");
    client.send("echo 2");
    client.send("slow 3");
    client.send("echo 4");
    await until(() => received.length === 4);
    expect(received).toEqual(["1", "2", "3", "4"]);
  });

  test("work that nobody waits for goes on while the connection is open", async () => {
    const client = await open(target.port);
    client.send("background done");
    expect(await message(client)).toBe("done");
  });

  test.each([
    [4001, "gone fishing"],
    [1000, ""],
    [1005, ""],
  ])("disconnect is told that a client closes with %i %j", async (code, reason) => {
    const path = `/closes-${code}`;
    const client = await open(target.port, path);
    if (code === 1005) {
      client.close();
    } else {
      client.close(code, reason);
    }
    expect(await closing(client)).toEqual([code, reason]);
    await noted(`${path} ${code} ${JSON.stringify(reason)}`);
  });

  test("a client that vanishes is disconnected with 1006, without a reason", async () => {
    const client = await open(target.port, "/vanishes");
    client.terminate();
    await noted('/vanishes 1006 ""');
  });

  test("a connection that is over is not among its own peers", async () => {
    const client = await open(target.port, "/last");
    client.close();
    await noted("/last is its own peer: false");
  });

  test.each([1000, 1001, 1003, 1007, 1008, 1011, 1013, 3000, 4999])(
    "a client is told the code %i and the reason",
    async (code) => {
      const client = await open(target.port, `/told-${code}`);
      client.send(`close ${code} enough`);
      expect(await closing(client)).toEqual([code, "enough"]);
      await noted(`/told-${code} ${code} "enough"`);
    },
  );

  test("a handler that throws closes with 1011, and is logged", async () => {
    const before = target.log.length;
    const client = await open(target.port, "/throws");
    client.send("throw");
    expect(await closing(client)).toEqual([1011, ""]);
    await until(() =>
      target.log
        .slice(before)
        .some((line) => /dram: WebSocket \/throws: .*this handler is broken/.test(line)),
    );
    await noted('/throws 1011 ""');
  });

  test("a message over the limit closes with 1009, and never reaches the handler", async () => {
    const client = await open(target.port, "/large");
    client.send(new Uint8Array(1_048_576));
    expect(await message(client)).toHaveLength(1_048_576);
    client.send(`echo ${"x".repeat(1_048_576)}`);
    expect((await closing(client))[0]).toBe(1009);
  });

  test("a client that breaks the protocol is disconnected", async () => {
    const client = await rawSocket(target.port, "/protocol-error");
    client.send("\xff\x80\0\0\0\0");
    await noted('/protocol-error 1006 ""');
  });

  test("requests beside WebSockets go to the application", async () => {
    expect(await textOf(await target.send({ path: "/page" }))).toBe('"page /page"');
  });

  test("500 connections are served at once, each as itself", async () => {
    const clients = await Promise.all(
      Array.from({ length: 500 }, (_, index) => open(target.port, `/many-${index % 5}`)),
    );
    const answers = clients.map(message);
    for (const [index, client] of clients.entries()) {
      client.send(`echo ${index}`);
    }
    expect(await Promise.all(answers)).toEqual(clients.map((_, index) => String(index)));
    const ids = clients.map(message);
    for (const client of clients) {
      client.send("id");
    }
    expect(new Set(await Promise.all(ids)).size).toBe(500);
  });

  test("nothing is left of clients that are gone at once", async () => {
    for (let round = 0; round < 100; round++) {
      const client = await wire(target.port);
      client.send(handshake("/brief"));
      if (round % 2 === 0) {
        await once(client.socket, "data");
      }
      client.socket.resetAndDestroy();
    }
    await until(
      async () => (await seen()).filter((line) => line === '/brief 1006 ""').length >= 50,
    );
    const client = await open(target.port, "/brief");
    const peers = async () => {
      client.send("peers");
      return message(client);
    };
    await until(async () => (await peers()) === (name === "Workers" ? "unknown" : "1"));
  });

  test("an origin of a browser is the application's affair", async () => {
    const client = new WebSocket(`ws://127.0.0.1:${target.port}/`, {
      origin: "https://evil.example",
    });
    await once(client, "open");
    client.terminate();
  });
});
