import { type Application, text, type WebSocketConnection, type WebSocketHandlers } from "dram";
import { fromAsgi } from "dram/asgi";
import { type ClientOptions, client, WebSocketDeniedError } from "dram/test";
import { describe, expect, test } from "vitest";
import { coded } from "../core/helpers.ts";

const page: Application = (_environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain; charset=utf-8"]]);
  return text("page");
};

function over(handlers: Partial<WebSocketHandlers>, options: ClientOptions = {}) {
  return client(page, { ...options, websocket: { message() {}, ...handlers } });
}

const echo: Partial<WebSocketHandlers> = { message: (connection, data) => connection.send(data) };

describe("a handshake", () => {
  test("reaches connect as a request does", async () => {
    const seen: unknown[] = [];
    const app = over(
      {
        connect(_connection, environ) {
          const { REQUEST_METHOD, PATH_INFO, QUERY_STRING, HTTP_HOST, HTTP_UPGRADE } = environ;
          seen.push(REQUEST_METHOD, PATH_INFO, QUERY_STRING, HTTP_HOST, HTTP_UPGRADE);
          seen.push(environ.HTTP_X_OWN, environ.HTTP_X_ALL, environ.REMOTE_ADDR);
        },
      },
      { headers: { "x-all": "a" } },
    );
    await app.websocket("/chat?x=1", {
      headers: { "x-own": "o" },
      environ: { REMOTE_ADDR: "10.0.0.1" },
    });
    expect(seen).toEqual(["GET", "/chat", "x=1", "localhost", "websocket", "o", "a", "10.0.0.1"]);
  });

  test("is accepted with a subprotocol and headers", async () => {
    const app = over({
      connect: () => ({ subprotocol: "superchat", headers: [["X-A", "caf\xe9"]] }),
    });
    const socket = await app.websocket("/", { subprotocols: ["chat", "superchat"] });
    expect([socket.subprotocol, socket.headers.get("x-a")]).toEqual(["superchat", "caf\xe9"]);
  });

  test("keeps cookies, both ways", async () => {
    const seen: unknown[] = [];
    const app = over(
      {
        connect(_connection, environ) {
          seen.push(environ.HTTP_COOKIE);
          return { headers: [["Set-Cookie", "b=2"]] };
        },
      },
      { cookies: { a: "1" } },
    );
    await app.websocket("/");
    await app.websocket("/");
    expect(seen).toEqual(["a=1", "a=1; b=2"]);
  });

  test("that is denied rejects with the response", async () => {
    const app = over({
      connect: () => ({ status: "403 No Way", headers: [["X-A", "1"]], body: text("go away") }),
    });
    const denied = await app.websocket("/").catch((error: unknown) => error);
    expect(denied).toBeInstanceOf(WebSocketDeniedError);
    const { response, message } = denied as WebSocketDeniedError;
    expect(message).toBe("the WebSocket was denied: 403 No Way");
    expect([response.status, response.headers.get("x-a")]).toEqual([403, "1"]);
    expect(await response.text()).toBe("go away");
  });

  test("rejects with what connect throws", async () => {
    const error = new Error("no database");
    const app = over({
      connect() {
        throw error;
      },
    });
    await expect(app.websocket("/")).rejects.toBe(error);
  });

  test("is denied with 500 for what connect throws, where that is asked for", async () => {
    const app = over(
      {
        connect() {
          throw new Error("no database");
        },
      },
      { onError: "respond" },
    );
    await expect(app.websocket("/")).rejects.toMatchObject({ response: { status: 500 } });
    expect(app.log[0]).toMatch(/no database/);
  });

  test("needs handlers", async () => {
    await expect(client(page).websocket("/")).rejects.toThrow(coded("ERR_OPTION"));
  });

  test("leaves ordinary requests to the application", async () => {
    expect(await (await over({}).get("/")).text()).toBe("page");
  });
});

describe("messages", () => {
  test("go both ways, text and bytes", async () => {
    const socket = await over(echo).websocket("/");
    await socket.send("größe");
    await socket.send(new Uint8Array([1, 2]));
    expect([await socket.receive(), await socket.receive()]).toEqual([
      "größe",
      new Uint8Array([1, 2]),
    ]);
  });

  test("are waited for", async () => {
    let peer: WebSocketConnection | undefined;
    const socket = await over({
      connect(connection) {
        peer = connection;
      },
    }).websocket("/");
    const received = [socket.receive(), socket.receive()];
    peer?.send("one");
    peer?.send("two");
    expect(await Promise.all(received)).toEqual(["one", "two"]);
  });

  test("that connect has sent come first", async () => {
    const app = over({ connect: (connection) => void connection.send("welcome") });
    expect(await (await app.websocket("/")).receive()).toBe("welcome");
  });

  test("are copied, as a network would", async () => {
    const bytes = new Uint8Array([1]);
    const socket = await over(echo).websocket("/");
    const sent = socket.send(bytes);
    bytes[0] = 2;
    await sent;
    expect(await socket.receive()).toEqual(new Uint8Array([1]));
  });

  test("of the application are copied, too", async () => {
    const socket = await over({
      message(connection) {
        const bytes = new Uint8Array([1]);
        connection.send(bytes);
        bytes[0] = 2;
      },
    }).websocket("/");
    await socket.send("x");
    expect(await socket.receive()).toEqual(new Uint8Array([1]));
  });

  test("are handled one at a time", async () => {
    const seen: string[] = [];
    const socket = await over({
      async message(_connection, data) {
        seen.push(`${data} begins`);
        await new Promise((resolve) => setTimeout(resolve));
        seen.push(`${data} ends`);
      },
    }).websocket("/");
    await Promise.all([socket.send("1"), socket.send("2")]);
    expect(seen).toEqual(["1 begins", "1 ends", "2 begins", "2 ends"]);
  });

  test("reach all peers of the client", async () => {
    const app = over({
      message(connection, data) {
        const peers = [...(connection.peers ?? [])];
        for (const peer of peers) {
          peer.send(`${data} ${peers.length}`);
        }
      },
    });
    const sockets = [await app.websocket("/a"), await app.websocket("/b")];
    const gone = await app.websocket("/c");
    await gone.close();
    await sockets[0]?.send("all");
    expect(await Promise.all(sockets.map((socket) => socket.receive()))).toEqual([
      "all 2",
      "all 2",
    ]);
    await expect(gone.receive()).rejects.toThrow("the connection is over: 1005");
  });

  test("over the limit close with 1009", async () => {
    const socket = await over(echo, { maxMessageSize: 3 }).websocket("/");
    await socket.send("1234");
    expect(await socket.closed).toEqual({ code: 1009, reason: "" });
    await expect(socket.send("1")).rejects.toThrow("send: the connection is over");
  });
});

describe("the end", () => {
  function noting(): { ends: unknown[]; handlers: Partial<WebSocketHandlers> } {
    const ends: unknown[] = [];
    return {
      ends,
      handlers: {
        message: (connection) => connection.close(4000, "enough"),
        async disconnect(_connection, code, reason) {
          await new Promise((resolve) => setTimeout(resolve));
          ends.push([code, reason]);
        },
      },
    };
  }

  test.each<[code: number | undefined, reason: string, told: number]>([
    [undefined, "", 1005],
    [4001, "bye", 4001],
  ])("by close(%s, %j) is told to disconnect", async (code, reason, told) => {
    const { ends, handlers } = noting();
    const socket = await over(handlers).websocket("/");
    await socket.close(code, reason);
    expect(ends).toEqual([[told, reason]]);
    expect(await socket.closed).toEqual({ code: told, reason });
  });

  test("by a client that vanishes is 1006", async () => {
    const { ends, handlers } = noting();
    const socket = await over(handlers).websocket("/");
    await socket.leave();
    await socket.close();
    expect(ends).toEqual([[1006, ""]]);
  });

  test("by the application is told to the client, behind its last message", async () => {
    const { ends, handlers } = noting();
    const app = over({
      ...handlers,
      message(connection) {
        connection.send("last");
        connection.close(4000, "enough");
      },
    });
    const socket = await app.websocket("/");
    await socket.send("x");
    expect(await socket.closed).toEqual({ code: 4000, reason: "enough" });
    expect(await socket.receive()).toBe("last");
    await expect(socket.receive()).rejects.toThrow('the connection is over: 4000 "enough"');
    await app.close();
    expect(ends).toEqual([[4000, "enough"]]);
  });

  test("of the client is that of its sockets", async () => {
    const { ends, handlers } = noting();
    const app = over(handlers);
    await app.websocket("/");
    await app.websocket("/");
    await app.close();
    expect(ends).toEqual([
      [1006, ""],
      [1006, ""],
    ]);
  });
});

describe("an error of a handler", () => {
  const broken = new Error("broken");
  const fail = () => {
    throw broken;
  };

  test("is thrown by send, and closes with 1011", async () => {
    const app = over({ message: fail });
    const socket = await app.websocket("/chat");
    await expect(socket.send("x")).rejects.toBe(broken);
    expect(await socket.closed).toEqual({ code: 1011, reason: "" });
    expect(app.log[0]).toMatch(/^dram: WebSocket \/chat: .*broken/);
    await app.close();
  });

  test("is thrown by close", async () => {
    const socket = await over({ disconnect: fail }).websocket("/");
    await expect(socket.close()).rejects.toBe(broken);
  });

  test("that no call could throw is thrown by the client's close", async () => {
    const app = over({ message: (connection) => connection.close(), disconnect: fail });
    const socket = await app.websocket("/");
    await socket.send("x");
    await expect(app.close()).rejects.toBe(broken);
  });
});

describe("an attachment that cannot be stored everywhere", () => {
  const handlers: Partial<WebSocketHandlers> = {
    connect(connection) {
      connection.attachment = () => {};
    },
  };

  test("closes with 1011 under lint", async () => {
    const app = over(handlers);
    const socket = await app.websocket("/");
    expect((await socket.closed).code).toBe(1011);
    expect(app.log[0]).toMatch(/could not be cloned/);
  });

  test("is kept without", async () => {
    const socket = await over({ ...handlers, ...echo }, { lint: false }).websocket("/");
    await socket.send("x");
    expect(await socket.receive()).toBe("x");
  });
});

test("an application of ASGI is served, and shut down at the end", async () => {
  const events: string[] = [];
  const application = fromAsgi(async (scope, receive, send) => {
    if (scope.type === "lifespan") {
      await receive();
      events.push("startup");
      await send({ type: "lifespan.startup.complete" });
      await receive();
      events.push("shutdown");
      await send({ type: "lifespan.shutdown.complete" });
    } else if (scope.type === "websocket") {
      await receive();
      await send({ type: "websocket.accept" });
      await send({ type: "websocket.send", text: scope.path });
      await receive();
    }
  });
  const app = client(application);
  const socket = await app.websocket("/chat");
  expect(await socket.receive()).toBe("/chat");
  await socket.close();
  await app.close();
  expect(events).toEqual(["startup", "shutdown"]);
});
