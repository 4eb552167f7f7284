import {
  checkHandshake,
  type Decision,
  decide,
  isHandshake,
  text,
  type WebSocketHandlers,
  WebSocketSession,
} from "dram";
import { expect, test } from "vitest";
import { coded, environOf, gateway, Log } from "./helpers.ts";

const GOOD: readonly (readonly [string, string])[] = [
  ["Connection", "keep-alive, Upgrade"],
  ["Upgrade", "WebSocket"],
  ["Sec-WebSocket-Version", "13"],
  ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
  ["Sec-WebSocket-Protocol", "chat, superchat"],
];

/** A handshake with other or further fields than the good one. */
function handshake(
  changes: Readonly<Record<string, string | undefined>> = {},
  protocol = "HTTP/1.1",
) {
  const kept = GOOD.filter(([name]) => !(name in changes));
  const given = Object.entries(changes).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return environOf({ line: { target: "/chat", protocol }, fields: [...kept, ...given] });
}

async function ask(
  connect: WebSocketHandlers["connect"],
  environ = handshake(),
): Promise<Decision & { lines: string[] }> {
  const log = new Log();
  const handlers = { ...(connect === undefined ? {} : { connect }), message() {} };
  const session = new WebSocketSession({
    ...{ handlers, id: "1", errors: log, uri: "/chat", maxMessageSize: 10 },
  });
  environ["wsgi.errors"] = log;
  return { ...(await decide(session, environ, gateway({ errors: log }))), lines: log.writes };
}

test("a GET that upgrades to websocket asks for a WebSocket", () => {
  expect(isHandshake(handshake())).toBe(true);
  expect(isHandshake(handshake({ Upgrade: "h2c" }))).toBe(false);
  expect(isHandshake(handshake({ Upgrade: undefined }))).toBe(false);
  const post = handshake();
  post.REQUEST_METHOD = "POST";
  expect(isHandshake(post)).toBe(false);
});

test("a good handshake passes", () => {
  expect(() => checkHandshake(handshake())).not.toThrow();
});

test.each<[string, Record<string, string | undefined>]>([
  ["without Connection: Upgrade", { Connection: "keep-alive" }],
  ["without a Connection", { Connection: undefined }],
  ["with another version", { "Sec-WebSocket-Version": "8" }],
  ["without a version", { "Sec-WebSocket-Version": undefined }],
  ["without a key", { "Sec-WebSocket-Key": undefined }],
  ["with a key of 15 bytes", { "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25j" }],
  ["with two keys", { "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==" }],
  ["with a subprotocol that is no token", { "Sec-WebSocket-Protocol": "chat, a b" }],
  ["with a subprotocol twice", { "Sec-WebSocket-Protocol": "chat, chat" }],
  ["with an empty subprotocol", { "Sec-WebSocket-Protocol": "chat,," }],
  ["with a body", { "Content-Length": "5" }],
])("a handshake %s is refused", (_what, changes) => {
  expect(() => checkHandshake(handshake(changes))).toThrow(coded("ERR_HANDSHAKE"));
});

test("HTTP/1.0 has no handshake", () => {
  expect(() => checkHandshake(handshake({}, "HTTP/1.0"))).toThrow(coded("ERR_HANDSHAKE"));
});

test("without connect every handshake is accepted", async () => {
  expect(await ask(undefined)).toEqual({
    accepted: { subprotocol: undefined, headers: [] },
    lines: [],
  });
});

test("nothing accepts as is", async () => {
  const { accepted } = await ask(() => {});
  expect(accepted).toEqual({ subprotocol: undefined, headers: [] });
});

test("an empty answer accepts, too", async () => {
  const { accepted } = await ask((_connection, environ) => {
    if (environ.HTTP_ORIGIN === "https://evil.example") {
      return { status: "403 Forbidden" };
    }
    return {};
  });
  expect(accepted).toEqual({ subprotocol: undefined, headers: [] });
});

test("connect chooses a subprotocol and adds headers", async () => {
  const { accepted } = await ask(async () => ({
    subprotocol: "superchat",
    headers: [["Set-Cookie", "a=1"]],
  }));
  expect(accepted).toEqual({ subprotocol: "superchat", headers: [["Set-Cookie", "a=1"]] });
});

test("a denial is a response", async () => {
  let closed = 0;
  const { accepted, denied } = await ask(() => ({
    status: "401 Who are you",
    headers: [["WWW-Authenticate", "Basic"]],
    body: Object.assign(
      ["no", " entry"].map((part) => new TextEncoder().encode(part)),
      {
        close() {
          closed++;
        },
      },
    ),
  }));
  expect(accepted).toBeUndefined();
  expect(denied).toMatchObject({
    status: 401,
    reason: "Who are you",
    headers: [
      ["WWW-Authenticate", "Basic"],
      ["Content-Length", "8"],
    ],
  });
  const { body } = denied ?? {};
  if (body === null || typeof body !== "object" || !("cancel" in body)) {
    throw new Error("the body is no stream");
  }
  body.cancel();
  await expect.poll(() => closed).toBe(1);
});

test("a denial needs neither headers nor a body", async () => {
  const { denied } = await ask(() => ({ status: "404 Not Found" }));
  expect(denied).toMatchObject({ status: 404, reason: "Not Found", headers: [], body: [] });
});

test("the body of a denial may be a text", async () => {
  const { denied } = await ask(() => ({ status: "403 Forbidden", body: text("no\n") }));
  expect(denied).toMatchObject({ status: 403, body: "no\n" });
});

test.each<[string, WebSocketHandlers["connect"], RegExp]>([
  [
    "throws",
    () => {
      throw new Error("no database");
    },
    /GET \/chat: Error: no database/,
  ],
  [
    "rejects",
    async () => {
      throw new Error("no database");
    },
    /GET \/chat: Error: no database/,
  ],
  ["denies with 101", () => ({ status: "101 Switching Protocols" }), /ERR_STATUS/],
  [
    "chooses what was not offered",
    () => ({ subprotocol: "other" }),
    /ERR_HANDSHAKE_ANSWER: connect chose/,
  ],
  [
    "sets a header of the handshake",
    () => ({ headers: [["Sec-WebSocket-Protocol", "chat"]] }),
    /ERR_HEADER_NAME/,
  ],
  ["sets a hop-by-hop header", () => ({ headers: [["Connection", "close"]] }), /ERR_HOP_BY_HOP/],
  ["sets a Content-Length", () => ({ headers: [["Content-Length", "0"]] }), /ERR_HEADER_NAME/],
  ["splits the response", () => ({ headers: [["X", "a\r\nX-Evil: 1"]] }), /ERR_HEADER_VALUE/],
  ["returns a string", (() => "yes") as never, /ERR_HANDSHAKE_ANSWER: connect returned a string/],
])("a connect that %s is answered 500 and logged", async (_what, connect, line) => {
  const { accepted, denied, lines } = await ask(connect);
  expect(accepted).toBeUndefined();
  expect(denied).toMatchObject({ status: 500, body: "Internal Server Error\n" });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(line);
});

test("connect is given the environ itself", async () => {
  const environ = handshake();
  await ask((_connection, given) => {
    expect(given).toBe(environ);
  }, environ);
});
