import type { WebSocketHandlers } from "dram";
import {
  type AsgiApplication,
  type AsgiReceive,
  type AsgiSend,
  fromAsgi,
  toAsgi,
  type WebSocketScope,
} from "dram/asgi";
import { describe, expect, test } from "vitest";
import { bodyOf, headOf, listening, wire } from "../node/helpers.ts";
import { closing, handshake, message, open, plain, rawSocket } from "../node/sockets.ts";
import { until } from "../targets/target.ts";
import { bytes, serverOf, webSocketScope } from "./helpers.ts";

/** Serves an application of WebSockets alone on Node. */
function serving(
  asgi: (scope: WebSocketScope, receive: AsgiReceive, send: AsgiSend) => Promise<void>,
) {
  return listening(
    fromAsgi(async (scope, receive, send) => {
      if (scope.type !== "websocket") {
        throw new Error(`no ${scope.type}`);
      }
      await asgi(scope, receive, send);
    }),
  );
}

describe("fromAsgi", () => {
  test("gives the scope of the handshake", async () => {
    let found: WebSocketScope | undefined;
    const { port } = await serving(async (scope, receive, send) => {
      found = scope;
      await receive();
      await send({ type: "websocket.accept", subprotocol: "b" });
      await receive();
    });
    const client = await open(port, "/caf%C3%A9?x=1", ["a", "b"]);
    expect(client.protocol).toBe("b");
    expect(found).toMatchObject({
      type: "websocket",
      asgi: { version: "3.0", spec_version: "2.5" },
      http_version: "1.1",
      scheme: "ws",
      path: "/caf\u00e9",
      raw_path: bytes("/caf%C3%A9"),
      query_string: bytes("x=1"),
      root_path: "",
      subprotocols: ["a", "b"],
    });
    expect(found).not.toHaveProperty("method");
    expect(Object.keys(found?.extensions ?? {})).toContain("websocket.http.response");
  });

  test("echoes texts and bytes", async () => {
    const events: unknown[] = [];
    const { port } = await serving(async (_scope, receive, send) => {
      for (;;) {
        const event = await receive();
        events.push(event);
        if (event.type === "websocket.connect") {
          await send({ type: "websocket.accept", headers: [[bytes("x-a"), bytes("1")]] });
        } else if (event.type === "websocket.receive") {
          await send({
            type: "websocket.send",
            text: event.text ?? null,
            bytes: event.bytes ?? null,
          });
        } else {
          return;
        }
      }
    });
    const client = await open(port);
    client.send("hello");
    expect(await message(client)).toBe("hello");
    client.send(new Uint8Array([1, 2]));
    expect(await message(client)).toEqual(new Uint8Array([1, 2]));
    client.close(4000, "bye");
    await until(() => events.length === 4);
    expect(events).toEqual([
      { type: "websocket.connect" },
      { type: "websocket.receive", text: "hello" },
      { type: "websocket.receive", bytes: new Uint8Array([1, 2]) },
      { type: "websocket.disconnect", code: 4000, reason: "bye" },
    ]);
  });

  test("the handshake waits for accept", async () => {
    let accept = (): void => {};
    const accepted = new Promise<void>((resolve) => {
      accept = resolve;
    });
    const { port } = await serving(async (_scope, receive, send) => {
      await receive();
      await accepted;
      await send({ type: "websocket.accept" });
      await send({ type: "websocket.send", text: "welcome" });
      await receive();
    });
    const client = await wire(port);
    client.send(handshake("/"));
    await expect.poll(() => client.received, { timeout: 100 }).toBe("");
    accept();
    await client.receive(/\r\n\r\n\x81\x07welcome$/);
  });

  test("close before accept denies with 403", async () => {
    const events: string[] = [];
    const { port } = await serving(async (_scope, receive, send) => {
      await receive();
      await send({ type: "websocket.close", code: 4003 });
      events.push((await receive()).type);
    });
    const client = await wire(port);
    client.send(handshake("/"));
    expect(headOf(await client.end())[0]).toBe("HTTP/1.1 403 Forbidden");
    await until(() => events.length === 1);
    expect(events).toEqual(["websocket.disconnect"]);
  });

  test("denies with a response of the application's own", async () => {
    const { port } = await serving(async (_scope, receive, send) => {
      await receive();
      await send({
        type: "websocket.http.response.start",
        status: 401,
        headers: [[bytes("www-authenticate"), bytes("Basic")]],
      });
      await send({ type: "websocket.http.response.body", body: bytes("no "), more_body: true });
      await send({ type: "websocket.http.response.body", body: bytes("entry") });
    });
    const client = await wire(port);
    client.send(handshake("/"));
    const answer = await client.end();
    expect(headOf(answer).slice(0, 2)).toEqual([
      "HTTP/1.1 401 Unauthorized",
      "www-authenticate: Basic",
    ]);
    expect(bodyOf(answer)).toBe("3\r\nno \r\n5\r\nentry\r\n0\r\n\r\n");
  });

  test.each<[string, AsgiApplication, RegExp]>([
    [
      "raises",
      async () => {
        throw new Error("no database");
      },
      /Error: no database/,
    ],
    ["ends without an answer", async () => {}, /ended without an answer to websocket\.connect/],
    [
      "ends in the middle of a denial",
      async (_scope, _receive, send) => {
        await send({ type: "websocket.http.response.start", status: 401 });
      },
      /ended in the middle of its response/,
    ],
  ])("an application that %s before accept is answered 500", async (_what, asgi, line) => {
    const { port, log } = await listening(fromAsgi(asgi, { lifespan: "off" }));
    const client = await wire(port);
    client.send(handshake("/"));
    expect(headOf(await client.end())[0]).toBe("HTTP/1.1 500 Internal Server Error");
    expect(log).toHaveLength(1);
    expect(log[0]).toMatch(line);
  });

  test("an application that returns closes with 1000, one that raises with 1011, logged", async () => {
    const { port, log } = await serving(async ({ path }, receive, send) => {
      await receive();
      await send({ type: "websocket.accept" });
      await receive();
      if (path === "/raise") {
        throw new Error("no database");
      }
    });
    for (const [path, code] of [
      ["/return", 1000],
      ["/raise", 1011],
    ] as const) {
      const client = await open(port, path);
      const closed = closing(client);
      client.send("go");
      expect(await closed).toEqual([code, ""]);
    }
    expect(log).toHaveLength(1);
    expect(log[0]).toMatch(/^dram: WebSocket \/raise: Error: no database/);
  });

  test("close has a code and a reason, among them those of servers", async () => {
    const { port } = await serving(async (_scope, receive, send) => {
      await receive();
      await send({ type: "websocket.accept" });
      await send({ type: "websocket.close", code: 1008, reason: "not you" });
    });
    const client = await wire(port);
    client.send(handshake("/"));
    await client.receive(/\x88\x09\x03\xf0not you$/);
  });

  test("a client that is cut off is 1006, again and again, and send rejects quietly", async () => {
    const seen: unknown[] = [];
    const { port, log } = await serving(async (_scope, receive, send) => {
      await receive();
      await send({ type: "websocket.accept" });
      seen.push(await receive(), await receive());
      await send({ type: "websocket.send", text: "x" }).catch((error: unknown) => {
        seen.push(error);
        throw error;
      });
    });
    (await rawSocket(port)).socket.destroy();
    await until(() => seen.length === 3);
    expect(seen.slice(0, 2)).toEqual([
      { type: "websocket.disconnect", code: 1006, reason: "" },
      { type: "websocket.disconnect", code: 1006, reason: "" },
    ]);
    expect(seen[2]).toMatchObject({ code: "ERR_CLIENT_DISCONNECTED" });
    expect(log).toEqual([]);
  });

  test("a client that leaves before accept has disconnected, and accept rejects quietly", async () => {
    const seen: unknown[] = [];
    const { port, log, close } = await serving(async (_scope, receive, send) => {
      seen.push((await receive()).type);
      seen.push(await receive());
      await send({ type: "websocket.accept" }).catch((error: unknown) => {
        seen.push(error);
        throw error;
      });
    });
    const client = await wire(port);
    client.send(handshake("/"));
    await until(() => seen.length === 1);
    client.socket.destroy();
    await until(() => seen.length === 3);
    expect(seen.slice(0, 2)).toEqual([
      "websocket.connect",
      { type: "websocket.disconnect", code: 1006, reason: "" },
    ]);
    expect(seen[2]).toMatchObject({ code: "ERR_CLIENT_DISCONNECTED" });
    await close();
    expect(log).toEqual([]);
  });

  test("a client is not read before the application receives", async () => {
    let go = (): void => {};
    const going = new Promise<void>((resolve) => {
      go = resolve;
    });
    let received = 0;
    const { port } = await serving(async (_scope, receive, send) => {
      await receive();
      await send({ type: "websocket.accept" });
      await going;
      while ((await receive()).type === "websocket.receive") {
        received++;
      }
    });
    const client = await open(port);
    for (let index = 0; index < 500; index++) {
      client.send(new Uint8Array(60_000));
    }
    let last = -1;
    await until(async () => {
      const before = last;
      last = client.bufferedAmount;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return before === last;
    });
    expect(client.bufferedAmount).toBeGreaterThan(15_000_000);
    go();
    await until(() => received === 500);
  });

  test.each<[unknown, RegExp]>([
    [{ type: "websocket.send", text: "x" }, /found "websocket\.send"; wanted "websocket\.accept"/],
    [
      { type: "http.response.start", status: 200 },
      /wanted "websocket\.accept", "websocket\.close"/,
    ],
    [{ type: "websocket.accept", subprotocol: 3 }, /subprotocol is a number; wanted a string/],
    [{ type: "websocket.accept", headers: [["a", "b"]] }, /headers\[0\]/],
  ])("raises before accept for %j", async (event, wanted) => {
    let raised: unknown;
    const { port } = await serving(async (_scope, receive, send) => {
      await receive();
      await send(event as never).catch((error: unknown) => {
        raised = error;
      });
      await send({ type: "websocket.accept" });
      await receive();
    });
    await open(port);
    expect(raised).toMatchObject({
      code: "ERR_ASGI_EVENT",
      message: expect.stringMatching(wanted),
    });
  });

  test.each<[unknown, string, RegExp]>([
    [
      { type: "websocket.accept" },
      "ERR_ASGI_EVENT",
      /wanted "websocket\.send" or "websocket\.close"/,
    ],
    [{ type: "websocket.send" }, "ERR_ASGI_EVENT", /bytes or text must be given, and not both/],
    [{ type: "websocket.send", text: "a", bytes: bytes("b") }, "ERR_ASGI_EVENT", /not both/],
    [{ type: "websocket.send", text: 3 }, "ERR_ASGI_EVENT", /text is a number; wanted a string/],
    [{ type: "websocket.close", code: "1000" }, "ERR_ASGI_EVENT", /code is a string/],
    [{ type: "websocket.close", code: 1006 }, "ERR_CLOSE_CODE", /the code is 1006/],
  ])("raises after accept for %j", async (event, code, wanted) => {
    let raised: unknown;
    const { port } = await serving(async (_scope, receive, send) => {
      await receive();
      await send({ type: "websocket.accept" });
      await send(event as never).catch((error: unknown) => {
        raised = error;
      });
      await send({ type: "websocket.send", text: "done" });
      await receive();
    });
    const client = await wire(port);
    client.send(handshake("/"));
    await client.receive(/done$/);
    expect(raised).toMatchObject({ code, message: expect.stringMatching(wanted) });
  });

  test("an application beside another one takes the WebSockets by the option asgi", async () => {
    const asgi = fromAsgi(async (scope, receive, send) => {
      if (scope.type === "websocket") {
        await receive();
        await send({ type: "websocket.accept" });
        await send({ type: "websocket.send", text: "asgi" });
        await receive();
      }
    });
    const { port } = await listening(plain, { asgi });
    const client = await wire(port);
    client.send(handshake("/"));
    await client.receive(/asgi$/);
  });
});

describe("toAsgi", () => {
  const echo: WebSocketHandlers = { message: (connection, data) => connection.send(data) };

  test("serves the events of a server by handlers", async () => {
    const ends: unknown[] = [];
    const { sent, done, push } = serverOf(
      toAsgi(plain, {
        websocket: {
          ...echo,
          connect: () => ({ subprotocol: "b", headers: [["X-A", "1"]] }),
          disconnect: (_connection, code, reason) => void ends.push([code, reason]),
        },
      }),
      webSocketScope({
        headers: [[bytes("sec-websocket-protocol"), bytes("a, b")]],
        subprotocols: ["a", "b"],
      }),
      [
        { type: "websocket.connect" },
        { type: "websocket.receive", text: "hello" },
        { type: "websocket.receive", bytes: bytes("bytes") },
      ],
    );
    await until(() => sent.length === 3);
    push({ type: "websocket.disconnect", code: 4000, reason: "bye" });
    await done;
    expect(sent).toEqual([
      { type: "websocket.accept", subprotocol: "b", headers: [[bytes("x-a"), bytes("1")]] },
      { type: "websocket.send", text: "hello" },
      { type: "websocket.send", bytes: bytes("bytes") },
    ]);
    expect(ends).toEqual([[4000, "bye"]]);
  });

  test("denies by a response where the server can", async () => {
    const denying = toAsgi(plain, {
      websocket: { ...echo, connect: () => ({ status: "401 Unauthorized", body: [bytes("no")] }) },
    });
    const events = [{ type: "websocket.connect" }] as const;
    const able = serverOf(
      denying,
      webSocketScope({ extensions: { "websocket.http.response": {} } }),
      events,
    );
    await able.done;
    expect(able.sent).toEqual([
      { type: "websocket.http.response.start", status: 401, headers: [] },
      { type: "websocket.http.response.body", body: bytes("no"), more_body: true },
      { type: "websocket.http.response.body", body: new Uint8Array(0), more_body: false },
    ]);
    const unable = serverOf(denying, webSocketScope(), events);
    await unable.done;
    expect(unable.sent).toEqual([{ type: "websocket.close", code: 1000 }]);
  });

  test("denies by the application's own answer without handlers", async () => {
    const { sent, done } = serverOf(
      toAsgi(plain),
      webSocketScope({
        path: "/x",
        raw_path: bytes("/x"),
        extensions: { "websocket.http.response": {} },
      }),
      [{ type: "websocket.connect" }],
    );
    await done;
    expect(sent[1]).toMatchObject({ body: bytes("GET /x\n") });
  });

  test("closes with 1009 what is larger than maxMessageSize", async () => {
    const { sent, done, push } = serverOf(
      toAsgi(plain, { websocket: echo, maxMessageSize: 3 }),
      webSocketScope(),
      [{ type: "websocket.connect" }, { type: "websocket.receive", text: "four" }],
    );
    await until(() => sent.length === 2);
    push({ type: "websocket.disconnect", code: 1009 });
    await done;
    expect(sent[1]).toEqual({ type: "websocket.close", code: 1009, reason: "" });
  });
});
