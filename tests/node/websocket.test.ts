import { once } from "node:events";
import { text, type WebSocketConnection } from "dram";
import { describe, expect, test } from "vitest";
import WebSocket from "ws";
import { until } from "../targets/target.ts";
import { bodyOf, bytes, exchange, gate, get, headOf, wire } from "./helpers.ts";
import {
  BINARY,
  CLOSE,
  closing,
  FINAL,
  frame,
  handshake,
  message,
  open,
  PING,
  rawSocket,
  sockets,
  TEXT,
} from "./sockets.ts";

describe("the handshake", () => {
  test("is answered as RFC 6455 says", async () => {
    const { port } = await sockets({});
    const client = await wire(port);
    client.send(handshake("/"));
    expect(headOf(await client.receive("\r\n\r\n"))).toEqual([
      "HTTP/1.1 101 Switching Protocols",
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
    ]);
  });

  test("waits for connect, which chooses a subprotocol and adds headers, byte for byte", async () => {
    const { opened, open: accept } = gate();
    const { port } = await sockets({
      async connect() {
        await opened;
        return {
          subprotocol: "superchat",
          headers: [
            ["Set-Cookie", "a=1"],
            ["Set-Cookie", "b=2"],
            ["X-Latin", "caf\xe9"],
          ],
        };
      },
    });
    const client = await wire(port);
    client.send(handshake("/", { "Sec-WebSocket-Protocol": "chat, superchat" }));
    await expect.poll(() => client.received, { timeout: 100 }).toBe("");
    accept();
    expect(headOf(await client.receive("\r\n\r\n")).slice(4)).toEqual([
      "Sec-WebSocket-Protocol: superchat",
      "Set-Cookie: a=1",
      "Set-Cookie: b=2",
      "X-Latin: caf\xe9",
    ]);
  });

  test("chooses no subprotocol that connect has not chosen", async () => {
    const { port } = await sockets({});
    const client = await wire(port);
    client.send(handshake("/", { "Sec-WebSocket-Protocol": "chat" }));
    expect(await client.receive("\r\n\r\n")).not.toMatch(/^Sec-WebSocket-Protocol/im);
  });

  test("gives connect the environ of a request", async () => {
    let found: unknown;
    const { port } = await sockets(
      {
        async connect(_connection, environ) {
          const body = await environ["wsgi.input"].read();
          const { REQUEST_METHOD, SCRIPT_NAME, PATH_INFO, QUERY_STRING, REMOTE_ADDR } = environ;
          found = [REQUEST_METHOD, SCRIPT_NAME, PATH_INFO, QUERY_STRING, REMOTE_ADDR];
          expect(environ["wsgi.url_scheme"]).toBe("http");
          expect(environ.HTTP_UPGRADE).toBe("websocket");
          expect(body).toEqual(new Uint8Array());
        },
      },
      { scriptName: "/mnt" },
    );
    await open(port, "/mnt/caf%C3%A9?x=1");
    expect(found).toEqual(["GET", "/mnt", "/caf\xc3\xa9", "x=1", "127.0.0.1"]);
  });

  test.each<[string, Record<string, string | undefined>]>([
    ["without a key", { "Sec-WebSocket-Key": undefined }],
    ["with a bad key", { "Sec-WebSocket-Key": "abc" }],
    ["with another version", { "Sec-WebSocket-Version": "8" }],
    ["with a subprotocol that is none", { "Sec-WebSocket-Protocol": "a b" }],
    ["with a body", { "Content-Length": "3" }],
    ["with a chunked body", { "Transfer-Encoding": "chunked" }],
    ["with a bad Host", { Host: "a/b" }],
  ])("%s is refused, and its connection closed", async (_what, changes) => {
    let asked = false;
    const { port } = await sockets({
      connect() {
        asked = true;
      },
    });
    const client = await wire(port);
    client.send(handshake("/", changes));
    const answer = await client.end();
    expect(headOf(answer)[0]).toBe("HTTP/1.1 400 Bad Request");
    expect(headOf(answer)).toContain("Sec-WebSocket-Version: 13");
    expect(headOf(answer)).toContain("Connection: close");
    expect(asked).toBe(false);
  });

  test("outside the mount point is answered 404", async () => {
    const { port } = await sockets({}, { scriptName: "/mnt" });
    const client = await wire(port);
    client.send(handshake("/other"));
    expect(headOf(await client.end())[0]).toBe("HTTP/1.1 404 Not Found");
  });

  test("is denied with a status, headers and a body of the application's own", async () => {
    let closed = 0;
    let over = false;
    const { port } = await sockets({
      connect: (_connection, environ) => ({
        status: "401 Who are you",
        headers: [
          ["WWW-Authenticate", "Basic"],
          ["X-Asked", environ.HTTP_SEC_WEBSOCKET_PROTOCOL ?? ""],
        ],
        body: {
          async *[Symbol.asyncIterator]() {
            yield bytes("no ");
            yield bytes("entry\n");
          },
          close() {
            closed++;
          },
        },
      }),
      disconnect() {
        over = true;
      },
    });
    const client = await wire(port);
    client.send(handshake("/", { "Sec-WebSocket-Protocol": "chat" }));
    const answer = await client.end();
    expect(headOf(answer)).toEqual([
      "HTTP/1.1 401 Who are you",
      "WWW-Authenticate: Basic",
      "X-Asked: chat",
      "Connection: close",
      "Transfer-Encoding: chunked",
    ]);
    expect(bodyOf(answer)).toBe("3\r\nno \r\n6\r\nentry\n\r\n0\r\n\r\n");
    await until(() => closed === 1);
    expect(over).toBe(false);
  });

  test("a client's library sees the denial", async () => {
    const { port } = await sockets({
      connect: () => ({ status: "403 Forbidden", body: text("not you\n") }),
    });
    const client = new WebSocket(`ws://127.0.0.1:${port}/`);
    const [, response] = await once(client, "unexpected-response");
    expect(response.statusCode).toBe(403);
    expect((await response.toArray()).join("")).toBe("not you\n");
  });

  test("whose connect throws is answered 500 and logged", async () => {
    const { port, log } = await sockets({
      connect() {
        throw new Error("no database");
      },
    });
    const client = await wire(port);
    client.send(handshake("/chat"));
    const answer = await client.end();
    expect(headOf(answer)[0]).toBe("HTTP/1.1 500 Internal Server Error");
    expect(log).toHaveLength(1);
    expect(log[0]).toMatch(/^dram: GET \/chat: Error: no database/);
  });

  test("a client that leaves before the decision aborts dram.signal", async () => {
    const { opened, open: accept } = gate();
    const events: string[] = [];
    const { port } = await sockets({
      async connect(_connection, environ) {
        events.push("connect");
        environ["dram.signal"]?.addEventListener("abort", () => events.push("abort"));
        await opened;
      },
      disconnect: (_connection, code) => void events.push(`disconnect ${code}`),
    });
    const client = await wire(port);
    client.send(handshake("/"));
    await until(() => events.includes("connect"));
    client.socket.end();
    await until(() => events.includes("abort"));
    accept();
    // It was accepted, so the application has to hear of its end.
    await until(() => events.length === 3);
    expect(events).toEqual(["connect", "abort", "disconnect 1006"]);
  });

  test("frames that come with it, or before its answer, are not lost", async () => {
    const { opened, open: accept } = gate();
    const { port } = await sockets({
      connect: () => opened,
      message: (connection, data) => void connection.send(data),
    });
    const client = await wire(port);
    client.send(handshake("/") + frame(FINAL | TEXT, "one"));
    client.send(frame(FINAL | TEXT, "two"));
    for (let index = 0; index < 1000; index++) {
      client.send(frame(FINAL | TEXT, `${index}`.padStart(100, ".")));
    }
    await expect.poll(() => client.received, { timeout: 100 }).toBe("");
    accept();
    const received = await client.receive(/\.999$/);
    expect(received).toContain("\r\n\r\n\x81\x03one\x81\x03two\x81\x64");
    expect(received.match(/\x81\x64/g)).toHaveLength(1000);
  });

  test("negotiates compression only if it is asked for", async () => {
    const echo = (connection: WebSocketConnection, data: string | Uint8Array) =>
      connection.send(data);
    const off = await sockets({ message: echo });
    const on = await sockets({ message: echo }, { compress: true });
    const offer = { perMessageDeflate: { threshold: 0 } };
    expect((await open(off.port, "/", [], offer)).extensions).toBe("");
    const client = await open(on.port, "/", [], offer);
    expect(client.extensions).toBe("permessage-deflate");
    client.send("squeezed");
    expect(await message(client)).toBe("squeezed");
  });
});

describe("messages", () => {
  test("are text or bytes, both ways", async () => {
    const types: string[] = [];
    const { port } = await sockets({
      message(connection, data) {
        types.push(typeof data === "string" ? "text" : data.constructor.name);
        return connection.send(data);
      },
    });
    const client = await open(port);
    client.send("h\u00e9llo \u{1f600}");
    expect(await message(client)).toBe("h\u00e9llo \u{1f600}");
    client.send(new Uint8Array([0, 255, 10]));
    expect(await message(client)).toEqual(new Uint8Array([0, 255, 10]));
    client.send("");
    expect(await message(client)).toBe("");
    expect(types).toEqual(["text", "Uint8Array", "text"]);
  });

  test("of connect come first", async () => {
    const { port } = await sockets({ connect: (connection) => void connection.send("welcome") });
    const client = await wire(port);
    client.send(handshake("/"));
    expect(await client.receive(/welcome$/)).toMatch(/\r\n\r\n\x81\x07welcome$/);
  });

  test("in fragments are put together, with a ping between answered at once", async () => {
    const { port } = await sockets({ message: (connection, data) => void connection.send(data) });
    const client = await rawSocket(port);
    client.send(frame(TEXT, "he") + frame(FINAL | PING, "?") + frame(0, "ll") + frame(FINAL, "o"));
    expect(await client.receive(/hello$/)).toMatch(/\x8a\x01\?\x81\x05hello$/);
  });

  test("are handled one at a time, in order", async () => {
    const { port } = await sockets({
      async message(connection, data) {
        await new Promise((resolve) => setTimeout(resolve, Number(data)));
        await connection.send(data);
      },
    });
    const client = await rawSocket(port);
    client.send(["30", "2", "10", "1"].map((data) => frame(FINAL | TEXT, data)).join(""));
    expect(await client.receive(/\x011$/)).toMatch(/\x81\x0230\x81\x012\x81\x0210\x81\x011$/);
  });

  test.each<[string, string, RegExp]>([
    ["invalid UTF-8", frame(FINAL | TEXT, "\xc3\x28"), /\x88\x02\x03\xef$/],
    ["more than maxMessageSize", frame(FINAL | BINARY, "12345678901"), /\x88\x02\x03\xf1$/],
    [
      "more than maxMessageSize in fragments",
      frame(BINARY, "123456") + frame(FINAL, "78901"),
      /\x88\x02\x03\xf1$/,
    ],
    ["an unmasked frame", "\x81\x01a", /\x88\x02\x03\xea$/],
    ["a reserved opcode", frame(FINAL | 3, ""), /\x88\x02\x03\xea$/],
  ])("%s is closed with its code", async (_what, sent, close) => {
    const messages: unknown[] = [];
    const codes: number[] = [];
    const { port } = await sockets(
      {
        message: (_connection, data) => void messages.push(data),
        disconnect: (_connection, code) => void codes.push(code),
      },
      { maxMessageSize: 10 },
    );
    const client = await rawSocket(port);
    client.send(sent);
    expect(await client.receive(close)).toMatch(close);
    client.socket.destroy();
    await until(() => codes.length === 1);
    expect(messages).toEqual([]);
    expect(codes).toEqual([1006]);
  });

  test("of just maxMessageSize pass", async () => {
    const { port } = await sockets(
      { message: (connection, data) => connection.send(data) },
      { maxMessageSize: 10 },
    );
    const client = await open(port);
    client.send("1234567890");
    expect(await message(client)).toBe("1234567890");
  });

  test("whose handler throws close with 1011, and are logged", async () => {
    const codes: number[] = [];
    const { port, log } = await sockets({
      async message() {
        throw new Error("no database");
      },
      disconnect: (_connection, code) => void codes.push(code),
    });
    const client = await open(port, "/chat");
    client.send("a");
    expect(await closing(client)).toEqual([1011, ""]);
    await until(() => codes.length === 1);
    expect(codes).toEqual([1011]);
    expect(log).toHaveLength(1);
    expect(log[0]).toMatch(/^dram: WebSocket \/chat: Error: no database/);
  });
});

describe("back-pressure", () => {
  test("send waits for a client that takes nothing, and goes on when it does", async () => {
    let connection: WebSocketConnection | undefined;
    const { port } = await sockets({
      connect(opened) {
        connection = opened;
      },
    });
    const client = await rawSocket(port);
    client.socket.pause();
    const chunk = new Uint8Array(65_536);
    let sent = 0;
    const flooding = (async () => {
      while (sent < 400) {
        await connection?.send(chunk);
        sent++;
      }
    })();
    // What the buffers of the system take, and then no more.
    const before = await settling(() => sent);
    expect(before).toBeLessThan(200);
    client.socket.resume();
    await flooding;
    expect(sent).toBe(400);
  });

  test("a send that waits rejects when the client dies", async () => {
    let connection: WebSocketConnection | undefined;
    const { port } = await sockets({
      connect(opened) {
        connection = opened;
      },
    });
    const client = await rawSocket(port);
    client.socket.pause();
    const flooding = (async () => {
      for (;;) {
        await connection?.send(new Uint8Array(65_536));
      }
    })();
    flooding.catch(() => {});
    await settling(() => client.socket.bytesRead);
    client.socket.resetAndDestroy();
    await expect(flooding).rejects.toMatchObject({ code: "ERR_CLIENT_DISCONNECTED" });
  });

  test("a client is not read while a handler is busy", async () => {
    const { opened, open: go } = gate();
    let handled = 0;
    const { port } = await sockets({
      async message() {
        await opened;
        handled++;
      },
    });
    const client = await open(port);
    const payload = new Uint8Array(60_000);
    for (let index = 0; index < 500; index++) {
      client.send(payload);
    }
    const left = await settling(() => client.bufferedAmount);
    expect(left).toBeGreaterThan(15_000_000);
    go();
    await until(() => handled === 500);
  });

  test("a client that closes while its messages wait is handled to the end", async () => {
    const { opened, open: go } = gate();
    const events: string[] = [];
    const { port } = await sockets({
      async message(_connection, data) {
        await opened;
        events.push(String(data));
      },
      disconnect: (_connection, code) => void events.push(`over ${code}`),
    });
    const client = await rawSocket(port);
    client.send(["a", "b", "c"].map((data) => frame(FINAL | TEXT, data)).join(""));
    client.send(frame(FINAL | CLOSE, "\x0f\xa1"));
    client.socket.end();
    go();
    await until(() => events.length === 4);
    expect(events).toEqual(["a", "b", "c", "over 4001"]);
  });
});

describe("the end", () => {
  test("by the client has its code and reason", async () => {
    const ends: unknown[] = [];
    const { port } = await sockets({
      disconnect: (_connection, code, reason) => void ends.push([code, reason]),
    });
    (await open(port)).close(4001, "bye \u{1f600}");
    (await open(port)).close(1000);
    (await open(port)).close();
    (await open(port)).terminate();
    await until(() => ends.length === 4);
    expect(ends).toEqual(
      expect.arrayContaining([
        [4001, "bye \u{1f600}"],
        [1000, ""],
        [1005, ""],
        [1006, ""],
      ]),
    );
  });

  test("by the application is told to the client, and to disconnect", async () => {
    const ends: unknown[] = [];
    const { port } = await sockets({
      message: (connection) => connection.close(4002, "enough"),
      disconnect: (_connection, code, reason) => void ends.push([code, reason]),
    });
    const client = await open(port);
    client.send("a");
    expect(await closing(client)).toEqual([4002, "enough"]);
    await until(() => ends.length === 1);
    expect(ends).toEqual([[4002, "enough"]]);
  });

  test("of a client that is cut off is 1006", async () => {
    const codes: number[] = [];
    const { port } = await sockets({ disconnect: (_connection, code) => void codes.push(code) });
    for (const cut of ["destroy", "resetAndDestroy", "end"] as const) {
      (await rawSocket(port)).socket[cut]();
    }
    await until(() => codes.length === 3);
    expect(codes).toEqual([1006, 1006, 1006]);
  });

  test("comes to a client that answers no ping, and to no other", async () => {
    const codes: number[] = [];
    let pongs = 0;
    const { port } = await sockets(
      { disconnect: (_connection, code) => void codes.push(code) },
      { pingInterval: 50 },
    );
    const good = await open(port);
    good.on("ping", () => pongs++);
    const silent = await rawSocket(port);
    expect(await silent.end()).toMatch(/\x89\x00/);
    await until(() => codes.length === 1 && pongs > 3);
    expect(codes).toEqual([1006]);
    expect(good.readyState).toBe(WebSocket.OPEN);
  });

  test("comes with 1001 when the server stops", async () => {
    const ends: number[] = [];
    const server = await sockets(
      { disconnect: (_connection, code) => void ends.push(code) },
      { graceTime: 5000 },
    );
    const clients = await Promise.all([open(server.port), open(server.port)]);
    const closed = Promise.all(clients.map(closing));
    await server.close();
    expect(await closed).toEqual([
      [1001, ""],
      [1001, ""],
    ]);
    expect(ends).toEqual([1001, 1001]);
  });

  test("comes after graceTime to a client that does not answer", async () => {
    const ends: number[] = [];
    const server = await sockets(
      { disconnect: (_connection, code) => void ends.push(code) },
      { graceTime: 200 },
    );
    const client = await rawSocket(server.port);
    const began = performance.now();
    await server.close();
    expect(performance.now() - began).toBeGreaterThan(150);
    expect(await client.end()).toMatch(/\x88\x02\x03\xe9$/);
    expect(ends).toEqual([1006]);
  });

  test("comes with 1001 to a handshake that was under way when the server stopped", async () => {
    const { opened, open: accept } = gate();
    let asked = false;
    const server = await sockets(
      {
        connect() {
          asked = true;
          return opened;
        },
      },
      { graceTime: 5000 },
    );
    const opening = open(server.port).then(closing);
    await until(() => asked);
    const stopped = server.close();
    accept();
    expect(await opening).toEqual([1001, ""]);
    await stopped;
  });

  test("waits for a disconnect handler", async () => {
    const { opened, open: go } = gate();
    let done = false;
    const server = await sockets(
      {
        async disconnect() {
          await opened;
          done = true;
        },
      },
      { graceTime: 5000 },
    );
    await open(server.port);
    const stopped = server.close();
    setTimeout(go, 50);
    await stopped;
    expect(done).toBe(true);
  });
});

test("a thousand connections talk to each other", async () => {
  const { port } = await sockets({
    message(connection, data) {
      for (const peer of connection.peers ?? []) {
        peer.send(data);
      }
    },
  });
  const clients = await Promise.all(Array.from({ length: 1000 }, () => open(port)));
  const received = Promise.all(clients.map(message));
  clients[500]?.send("to all");
  expect(new Set(await received)).toEqual(new Set(["to all"]));
});

test("nothing is kept of a connection that is over", async () => {
  let last: WebSocketConnection | undefined;
  const ids = new Set<string>();
  const { port } = await sockets({
    connect(connection) {
      ids.add(connection.id);
      last = connection;
    },
  });
  for (let round = 0; round < 5; round++) {
    const clients = await Promise.all(Array.from({ length: 100 }, () => open(port)));
    for (const client of clients) {
      client.close();
    }
    await Promise.all(clients.map(closing));
  }
  await until(() => [...(last?.peers ?? [])].length === 0);
  expect(ids.size).toBe(500);
});

test("requests beside WebSockets go to the application", async () => {
  const { port } = await sockets({});
  expect(bodyOf(await exchange(port, get("/page")))).toBe("GET /page\n");
});

/** A value once it has not changed for a while. */
async function settling(value: () => number): Promise<number> {
  let last = Number.NaN;
  let since = performance.now();
  await until(() => {
    const now = value();
    if (now !== last) {
      last = now;
      since = performance.now();
    }
    return performance.now() - since > 300;
  });
  return last;
}
