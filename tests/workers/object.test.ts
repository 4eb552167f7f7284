import { type Application, text } from "dram";
import { toDurableObject, toWorker } from "dram/workers";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { bodyOf, wire } from "../node/helpers.ts";
import { closing, handshake, message, open } from "../node/sockets.ts";
import { textOf, until } from "../targets/target.ts";
import { bootWorkerd, type WorkerdOptions, type WorkerdTarget } from "../targets/workerd.ts";

let workerd: WorkerdTarget;

function boot(options: WorkerdOptions = {}): Promise<WorkerdTarget> {
  return bootWorkerd(
    { durableObjects: { ROOM: "Room" }, bindings: { IN: "object" }, ...options },
    "../websocket/worker.ts",
  );
}

beforeAll(async () => {
  workerd = await boot();
});

afterAll(() => workerd?.close());

/** Sends a command and gives the answer. */
async function ask(client: Awaited<ReturnType<typeof open>>, command: string): Promise<unknown> {
  client.send(command);
  return message(client);
}

function noted(line: string): Promise<void> {
  return until(async () =>
    JSON.parse(await textOf(await workerd.send({ path: "/seen" }))).includes(line),
  );
}

describe("an object that was taken out of memory and wakes", () => {
  test("has the attachments of its connections, their ids, and its storage", async () => {
    const client = await open(workerd.port, "/wakes");
    const before = [
      await ask(client, "instance"),
      await ask(client, "id"),
      await ask(client, "count"),
      await ask(client, "store"),
    ];
    await workerd.evict("Room", "/wakes");
    const after = [
      await ask(client, "instance"),
      await ask(client, "id"),
      await ask(client, "count"),
      await ask(client, "store"),
    ];
    expect(after[0]).not.toBe(before[0]);
    expect(after[1]).toBe(before[1]);
    expect([before.slice(2), after.slice(2)]).toEqual([
      ["/wakes 1", "total 1"],
      ["/wakes 2", "total 2"],
    ]);
  });

  test("knows a connection that has no attachment", async () => {
    const client = await open(workerd.port, "/plain");
    const id = await ask(client, "id");
    await workerd.evict("Room", "/plain");
    expect(await ask(client, "id")).toBe(id);
  });

  test("has its connections as peers", async () => {
    const [one, other] = [await open(workerd.port, "/peers"), await open(workerd.port, "/peers")];
    await workerd.evict("Room", "/peers");
    const received = [message(one), message(other)];
    one.send("all hello");
    expect(await Promise.all(received)).toEqual(["hello", "hello"]);
  });

  test("tells disconnect whose end it was", async () => {
    const client = await open(workerd.port, "/asleep");
    await workerd.evict("Room", "/asleep");
    client.close(4001, "good night");
    expect(await closing(client)).toEqual([4001, "good night"]);
    await noted('/asleep 4001 "good night"');
  });

  test("names the connection of a handler that fails", async () => {
    const before = workerd.log.length;
    const client = await open(workerd.port, "/fails?now");
    await workerd.evict("Room", "/fails");
    client.send("throw");
    expect(await closing(client)).toEqual([1011, ""]);
    await until(() =>
      workerd.log
        .slice(before)
        .some((line) => /dram: WebSocket \/fails\?now: .*this handler is broken/.test(line)),
    );
  });

  test("handles what came while it was handling, in order", async () => {
    const client = await open(workerd.port, "/busy");
    const received: string[] = [];
    client.on("message", (data) => received.push(String(data)));
    client.send("slow 1");
    client.send("echo 2");
    await workerd.evict("Room", "/busy");
    client.send("echo 3");
    await until(() => received.length === 3);
    expect(received).toEqual(["1", "2", "3"]);
  });
});

test("connections of one object do not meet those of another", async () => {
  const [one, other] = [await open(workerd.port, "/room-1"), await open(workerd.port, "/room-2")];
  expect(await ask(one, "peers")).toBe("1");
  expect(await ask(other, "all here")).toBe("here");
  expect(await ask(one, "echo mine")).toBe("mine");
});

test("a connection that is over is nobody's peer", async () => {
  const [one, other] = [await open(workerd.port, "/leaves"), await open(workerd.port, "/leaves")];
  expect(await ask(one, "peers")).toBe("2");
  other.close();
  await closing(other);
  await until(async () => (await ask(one, "peers")) === "1");
});

test("an attachment that is too large to be stored closes with 1011, and is logged", async () => {
  const before = workerd.log.length;
  const client = await open(workerd.port, "/keeps");
  client.send("keep 20000");
  expect(await closing(client)).toEqual([1011, ""]);
  await until(() =>
    workerd.log.slice(before).some((line) => /dram: WebSocket \/keeps: .*16384/.test(line)),
  );
});

test("a message that workerd itself refuses ends the connection", async () => {
  const client = await open(workerd.port, "/enormous");
  client.send(new Uint8Array(33_554_433));
  await noted('/enormous 1006 ""');
  await closing(client);
});

test("durableObject that fails is answered 500, and logged", async () => {
  const before = workerd.log.length;
  const client = await wire(workerd.port);
  client.send(handshake("/broken"));
  expect(await client.receive("Internal Server Error\n")).toMatch(/^HTTP\/1\.1 500 /);
  await until(() => workerd.log.slice(before).some((line) => line.includes("no such room")));
});

test("durableObject that names no object leaves the request to the application", async () => {
  const client = await wire(workerd.port);
  client.send(handshake("/page"));
  expect(bodyOf(await client.receive('"page /page"'))).toBe('"page /page"');
});

test("bytes and closing codes are the same under an old compatibility date", async () => {
  const old = await boot({ compatibilityDate: "2024-09-23" });
  onTestFinished(() => old.close());
  const client = await open(old.port, "/old");
  client.send(new Uint8Array([1, 2]));
  expect(await message(client)).toEqual(new Uint8Array([2, 1]));
  client.close(4001, "bye");
  expect(await closing(client)).toEqual([4001, "bye"]);
});

describe("options", () => {
  const application: Application = (_environ, startResponse) => {
    startResponse("200 OK", []);
    return text("");
  };
  const websocket = { message() {} };
  const durableObject = () => undefined;

  test.each<[options: object, message: string]>([
    [{ websocket: {} }, "option websocket is an Object"],
    [{ websocket, durableObject }, "options durableObject and websocket or asgi are given"],
    [{ maxMessageSize: -1 }, "option maxMessageSize"],
    [{ durableObject: "ROOM" }, 'option durableObject is "ROOM"; wanted a function'],
  ])("toWorker refuses %j", (options, message) => {
    expect(() => toWorker(application, options)).toThrow(
      expect.objectContaining({ code: "ERR_OPTION", message: expect.stringContaining(message) }),
    );
  });

  test.each<[options: object, message: string]>([
    [{}, "toDurableObject: no option websocket"],
    [{ websocket: { connect() {} } }, "option websocket"],
    [{ websocket, maxMessageSize: 0 }, "option maxMessageSize"],
    [{ websocket, scriptName: "x" }, "option scriptName"],
  ])("toDurableObject refuses %j", (options, message) => {
    expect(() => toDurableObject(application, options as { websocket: typeof websocket })).toThrow(
      expect.objectContaining({ code: "ERR_OPTION", message: expect.stringContaining(message) }),
    );
  });
});
