import {
  DramError,
  type WebSocketConnection,
  type WebSocketHandlers,
  WebSocketSession,
  type WebSocketTransport,
} from "dram";
import { expect, test } from "vitest";
import { coded, Log } from "./helpers.ts";

/** A session over a transport that writes down what it is told. */
function open(
  handlers: Partial<WebSocketHandlers>,
  connecting?: (connection: WebSocketConnection) => void,
) {
  const log = new Log();
  const told: unknown[] = [];
  const session = new WebSocketSession({
    handlers: { message() {}, ...handlers },
    ...{ id: "c1", errors: log, uri: "/chat", maxMessageSize: 8 },
  });
  connecting?.(session);
  session.open({
    send: (data) => void told.push(data),
    close: (code, reason) => void told.push(["close", code, reason]),
    pause: () => void told.push("pause"),
    resume: () => void told.push("resume"),
  });
  return { session, told, lines: log.writes };
}

function gate() {
  let release = (): void => {};
  const opened = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { opened, release };
}

test("a handler that needs no promise is over at once", () => {
  const { session, told } = open({
    message: (connection, data) => void connection.send(`${data}!`),
  });
  expect(session.receive("a")).toBeUndefined();
  expect(told).toEqual(["a!"]);
});

test("one handler runs at a time, in the order of the events", async () => {
  const events: string[] = [];
  const first = gate();
  const { session, told } = open({
    async message(_connection, data) {
      events.push(`${data} begins`);
      if (data === "1") {
        await first.opened;
      }
      events.push(`${data} ends`);
    },
    disconnect: (_connection, code) => void events.push(`over ${code}`),
  });
  session.receive("1");
  session.receive("2");
  session.receive("3");
  const over = session.ended(1000);
  expect(events).toEqual(["1 begins"]);
  first.release();
  await over;
  expect(events).toEqual([
    "1 begins",
    "1 ends",
    "2 begins",
    "2 ends",
    "3 begins",
    "3 ends",
    "over 1000",
  ]);
  expect(told).toEqual(["pause", "resume"]);
});

test("reading goes on while no message waits", async () => {
  const first = gate();
  const { session, told } = open({ message: () => first.opened });
  const done = session.receive("1");
  expect(told).toEqual([]);
  session.receive("2");
  expect(told).toEqual(["pause"]);
  first.release();
  await done;
  await expect.poll(() => told).toEqual(["pause", "resume"]);
});

test("what connect has sent follows the handshake", async () => {
  const { told } = open({}, (connection) => {
    connection.send("hello");
    connection.send(new Uint8Array([1]));
  });
  expect(told).toEqual(["hello", new Uint8Array([1])]);
});

test("a connection that connect has closed is opened first", () => {
  const { told } = open({}, (connection) => {
    connection.send("hello");
    connection.close(4000, "bye");
    connection.send("too late");
  });
  expect(told).toEqual(["hello", ["close", 4000, "bye"], "resume"]);
});

test.each([7, null, {}, new ArrayBuffer(1), ["a"]])("send refuses %s", (data) => {
  const { session, told } = open({});
  expect(() => session.send(data as never)).toThrow(coded("ERR_MESSAGE_TYPE"));
  expect(told).toEqual([]);
});

test.each([0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 1000.5, Number.NaN, "1000"])(
  "close refuses the code %s",
  (code) => {
    const { session, told } = open({});
    expect(() => session.close(code as never)).toThrow(coded("ERR_CLOSE_CODE"));
    expect(told).toEqual([]);
  },
);

test.each([1000, 1001, 1003, 1007, 1008, 1014, 3000, 4999])("close takes the code %s", (code) => {
  const { session, told } = open({});
  session.close(code);
  expect(told[0]).toEqual(["close", code, ""]);
});

test("a reason has at most 123 bytes", () => {
  const { session, told } = open({});
  expect(() => session.close(1000, `${"é".repeat(61)}ab`)).toThrow(coded("ERR_CLOSE_CODE"));
  session.close(1000, `${"é".repeat(61)}a`);
  expect(told[0]).toEqual(["close", 1000, `${"é".repeat(61)}a`]);
});

test("closing twice closes once", () => {
  const { session, told } = open({});
  session.close(4001);
  session.close(4002);
  expect(told).toEqual([["close", 4001, ""], "resume"]);
});

test("after close no message is handled, and disconnect is", async () => {
  const events: unknown[] = [];
  const { session } = open({
    message: (_connection, data) => void events.push(data),
    disconnect: (_connection, code, reason) => void events.push([code, reason]),
  });
  session.close(1000);
  session.receive("late");
  session.ended(1000, "bye");
  expect(events).toEqual([[1000, "bye"]]);
});

test("sending to a connection that is over rejects, and nobody need catch it", async () => {
  const { session, told } = open({});
  session.ended(1001);
  session.send("not awaited");
  await expect(session.send("a")).rejects.toThrow(coded("ERR_CLIENT_DISCONNECTED"));
  expect(told).toEqual([]);
});

test("a transport that refuses is a client that has left", async () => {
  const session = new WebSocketSession({
    handlers: { message() {} },
    ...{ id: "1", errors: new Log(), uri: "/", maxMessageSize: 1 },
  });
  session.open({
    send: () => {
      throw new Error("410 Gone");
    },
    close() {},
  });
  await expect(session.send("a")).rejects.toThrow(coded("ERR_CLIENT_DISCONNECTED"));
});

test("a transport that says why it refuses is believed, and its client has not left", async () => {
  const { session, lines } = open({
    async message(connection) {
      await connection.send("x");
    },
  });
  const refusal = new DramError("ERR_MESSAGE_SIZE", "too large");
  session.open({ send: () => Promise.reject(refusal), close() {} });
  await expect(session.send("x")).rejects.toBe(refusal);
  await session.receive("a");
  expect(lines).toEqual(["dram: WebSocket /chat: ERR_MESSAGE_SIZE: too large\n"]);
});

test.each(["send", "close"] as const)("connect is told where it cannot %s", (method) => {
  const session = new WebSocketSession({
    handlers: { message() {} },
    ...{ id: "c1", errors: new Log(), uri: "/chat", maxMessageSize: 8 },
    notBeforeOpen: "not yet",
  });
  const act = (): unknown => (method === "send" ? session.send("x") : session.close());
  expect(act).toThrow(coded("ERR_NOT_OPEN"));
  session.open({ send() {}, close() {} });
  expect(act).not.toThrow();
});

test.each<[string, WebSocketHandlers["message"]]>([
  [
    "throws",
    () => {
      throw new Error("no database");
    },
  ],
  ["rejects", () => Promise.reject(new Error("no database"))],
])("a message handler that %s is logged and closes with 1011", async (_what, message) => {
  const { session, told, lines } = open({ message });
  await session.receive("a");
  expect(told).toEqual([["close", 1011, ""], "resume"]);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("dram: WebSocket /chat: Error: no database");
});

test("a handler that fails because its client has left is not logged", async () => {
  const { session, lines } = open({
    async message(connection) {
      session.ended(1006);
      await connection.send("a");
    },
  });
  await session.receive("a");
  expect(lines).toEqual([]);
});

test.each<[string, WebSocketTransport["send"]]>([
  [
    "throws",
    () => {
      throw new Error("410 Gone");
    },
  ],
  ["rejects", () => Promise.reject(new Error("broken pipe"))],
])("nor is one whose platform %s before it tells of the end", async (_what, send) => {
  const log = new Log();
  const session = new WebSocketSession({
    handlers: { message: (connection, data) => connection.send(data) },
    ...{ id: "1", errors: log, uri: "/", maxMessageSize: 1 },
  });
  session.open({ send, close() {} });
  await session.receive("a");
  expect(log.writes).toEqual([]);
});

test("a handler that fails because another client has left is", async () => {
  const other = open({}).session;
  other.ended(1006);
  const { session, told, lines } = open({ message: () => other.send("a") });
  await session.receive("a");
  expect(lines).toHaveLength(1);
  expect(told).toEqual([["close", 1011, ""], "resume"]);
});

test("a disconnect handler that throws is logged", () => {
  const { session, lines } = open({
    disconnect: () => {
      throw new Error("no database");
    },
  });
  session.ended(1000);
  expect(lines).toHaveLength(1);
});

test.each([0, undefined])("an end with the code %s is abnormal: 1006", (code) => {
  const codes: number[] = [];
  const { session } = open({ disconnect: (_connection, found) => void codes.push(found) });
  session.ended(code);
  session.ended(1000);
  expect(codes).toEqual([1006]);
});

test.each([
  ["123456789", 1],
  ["éééé", 0],
  ["ééééé", 1],
  [new Uint8Array(8), 0],
  [new Uint8Array(9), 1],
])("a message of more than 8 bytes closes with 1009: %s", (data, closes) => {
  const messages: unknown[] = [];
  const { session, told } = open({ message: (_connection, found) => void messages.push(found) });
  session.receive(data);
  expect(told.filter((item) => Array.isArray(item))).toEqual(closes ? [["close", 1009, ""]] : []);
  expect(messages).toEqual(closes ? [] : [data]);
});

test("an attachment is stored after each handler that leaves one", async () => {
  const kept: unknown[] = [];
  const session = new WebSocketSession({
    handlers: {
      message: async (connection, data) => {
        connection.attachment = { last: data };
      },
    },
    ...{ id: "1", errors: new Log(), uri: "/", maxMessageSize: 10 },
  });
  session.attachment = { name: "ada" };
  session.open({
    send() {},
    close() {},
    keep: async (attachment) => void kept.push(structuredClone(attachment)),
  });
  await session.receive("a");
  await session.receive("b");
  expect(kept).toEqual([{ name: "ada" }, { last: "a" }, { last: "b" }]);
});

test("an attachment that is taken away is stored as none", async () => {
  const kept: unknown[] = [];
  const session = new WebSocketSession({
    handlers: {
      message(connection) {
        connection.attachment = undefined;
      },
    },
    ...{ id: "1", errors: new Log(), uri: "/", maxMessageSize: 10 },
  });
  session.attachment = { name: "ada" };
  session.open({ send() {}, close() {}, keep: (attachment) => void kept.push(attachment) });
  session.receive("a");
  expect(kept).toEqual([{ name: "ada" }, undefined]);
});

test("nothing is stored where there never was an attachment", () => {
  const kept: unknown[] = [];
  const session = new WebSocketSession({
    handlers: { message() {} },
    ...{ id: "1", errors: new Log(), uri: "/", maxMessageSize: 10 },
  });
  session.open({ send() {}, close() {}, keep: (attachment) => void kept.push(attachment) });
  session.receive("a");
  expect(kept).toEqual([]);
});

test.each([
  ["at once", () => {}],
  ["later", async () => {}],
])(
  "an attachment that cannot be stored closes with 1011: a handler over %s",
  async (_when, ready) => {
    const log = new Log();
    const told: unknown[] = [];
    const session = new WebSocketSession({
      handlers: {
        message(connection) {
          connection.attachment = () => {};
          return ready();
        },
      },
      ...{ id: "1", errors: log, uri: "/chat", maxMessageSize: 10 },
    });
    session.open({
      send() {},
      close: (code) => void told.push(code),
      keep() {
        throw new Error("could not be cloned");
      },
    });
    await session.receive("a");
    expect(told).toEqual([1011]);
    expect(log.writes).toEqual([
      expect.stringMatching(/^dram: WebSocket \/chat: .*could not be cloned/),
    ]);
  },
);

test("an end without a closing handshake has no reason, whatever the platform calls it", () => {
  const seen: unknown[] = [];
  const { session } = open({ disconnect: (_connection, ...over) => void seen.push(over) });
  session.ended(1006, "the client has vanished");
  expect(seen).toEqual([[1006, ""]]);
});

test("a session that is woken goes on where another one was", async () => {
  const seen: unknown[] = [];
  const session = new WebSocketSession({
    handlers: {
      message: (connection, data) => void seen.push([connection.id, connection.attachment, data]),
    },
    ...{ id: "abc=", errors: new Log(), uri: "abc=", maxMessageSize: 10 },
  });
  session.attachment = { name: "ada" };
  session.open({ send() {}, close() {} });
  session.receive("hi");
  expect(seen).toEqual([["abc=", { name: "ada" }, "hi"]]);
});
