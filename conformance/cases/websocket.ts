import { encodeUtf8, type WebSocketConnection, type WebSocketHandlers } from "../../core/mod.ts";
import { equal, matches, pause, until } from "../check.ts";
import { noteOn } from "../ledger.ts";
import type { Case, Client, Connection } from "../types.ts";
import { watchLog } from "./answer.ts";

const ECHO: WebSocketHandlers = { message: (connection, data) => connection.send(data) };

/** What connects is noted, and how it ends. */
const NOTED: WebSocketHandlers = {
  message(connection, data) {
    const [code = "", reason] = String(data).split(" ");
    connection.close(Number(code), reason);
  },
  disconnect: (connection, code, reason) => noteEnd(connection, code, reason),
};

/** The sample of RFC 6455 §1.3 and its answer. */
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

export const webSocketCases: readonly Case[] = [
  webSocketCase("X20", "a WebSocket is opened as connect decides, with a subprotocol and headers", {
    handlers: {
      ...ECHO,
      async connect(_connection, environ) {
        await pause(50);
        const { PATH_INFO, QUERY_STRING, HTTP_SEC_WEBSOCKET_PROTOCOL } = environ;
        return {
          subprotocol: "superchat",
          headers: [
            ["X-Asked", `${PATH_INFO} ${QUERY_STRING} ${HTTP_SEC_WEBSOCKET_PROTOCOL}`],
            ["Set-Cookie", "a=1"],
            ["Set-Cookie", "b=2"],
          ],
        };
      },
    },
    async exchange(client) {
      const fields: [string, string] = ["Sec-WebSocket-Protocol", "chat, superchat"];
      const connection = await client.connect();
      connection.write(handshake(client, "/chat?x=1", fields));
      const head = await connection.received(/\r\n\r\n/);
      matches(head, /^HTTP\/1\.1 101 /, "the answer");
      for (const line of [
        `Sec-WebSocket-Accept: ${ACCEPT}`,
        "Sec-WebSocket-Protocol: superchat",
        "X-Asked: /chat x=1 chat, superchat",
        "Set-Cookie: a=1",
        "Set-Cookie: b=2",
      ]) {
        const isThere = head.split("\r\n").some((found) => sameField(found, line));
        equal(isThere, true, `${line} in ${head}`);
      }
      connection.write(frame(TEXT, "hi"));
      await connection.received(/\x81\x02hi$/);
      connection.destroy();
    },
  }),
  webSocketCase("X21", "a WebSocket carries text and bytes, in fragments, too", {
    handlers: ECHO,
    async exchange(client) {
      const connection = await open(client);
      connection.write(frame(TEXT, "caf\xc3\xa9"));
      await connection.received(/\x81\x05caf\xc3\xa9$/);
      connection.write(frame(BINARY, "\0\xff\x80"));
      await connection.received(/\x82\x03\0\xff\x80$/);
      connection.write(frame(1, "he") + frame(0, "ll") + frame(LAST, "o"));
      await connection.received(/\x81\x05hello$/);
      connection.destroy();
    },
  }),
  webSocketCase("X22", "the messages of a WebSocket are handled one at a time, in order", {
    handlers: {
      async message(connection, data) {
        await pause(Number(data));
        await connection.send(data);
      },
    },
    async exchange(client) {
      const connection = await open(client);
      connection.write(["40", "2", "20", "1"].map((data) => frame(TEXT, data)).join(""));
      await connection.received(/\x81\x0240\x81\x012\x81\x0220\x81\x011$/);
      connection.destroy();
    },
  }),
  webSocketCase("X23", "disconnect is told how the client has closed a WebSocket", {
    handlers: NOTED,
    async exchange(client) {
      for (const [payload, noted] of [
        ["\x0f\xa1bye", "4001 bye"],
        ["\x03\xe8", "1000 "],
        ["", "1005 "],
      ] as const) {
        const connection = await open(client);
        connection.write(frame(CLOSE, payload));
        // Its own close frame: the closing handshake.
        await connection.received(/\x88/);
        connection.end();
        await expectNote(client, noted);
        connection.destroy();
      }
    },
  }),
  webSocketCase("X24", "a client is told how the application has closed a WebSocket", {
    handlers: NOTED,
    async exchange(client) {
      const connection = await open(client);
      connection.write(frame(TEXT, "4002 bye"));
      await connection.received(/\x88\x05\x0f\xa2bye$/);
      connection.write(frame(CLOSE, "\x0f\xa2bye"));
      connection.end();
      await expectNote(client, "4002 bye");
      connection.destroy();
    },
  }),
  webSocketCase("X25", "a WebSocket that ends without a closing handshake ends with 1006", {
    handlers: NOTED,
    async exchange(client) {
      const connection = await open(client);
      connection.destroy();
      await expectNote(client, "1006 ");
    },
  }),
  webSocketCase("X26", "a handler that throws closes its WebSocket with 1011, and is logged", {
    handlers: {
      ...NOTED,
      async message() {
        throw new Error("a handler of X26 failed");
      },
    },
    async exchange(client) {
      const logged = watchLog(client);
      const connection = await open(client);
      connection.write(frame(TEXT, "a"));
      await connection.received(/\x88\x02\x03\xf3$/);
      connection.write(frame(CLOSE, "\x03\xf3"));
      connection.end();
      await logged(/a handler of X26 failed/);
      await expectNote(client, "1011 ");
      connection.destroy();
    },
  }),
  webSocketCase("X27", "what connect sends is the first message of a WebSocket", {
    handlers: {
      ...ECHO,
      connect(connection) {
        connection.send("one");
        connection.send(encodeUtf8("two"));
      },
    },
    async exchange(client) {
      const connection = await client.connect();
      connection.write(handshake(client, "/"));
      await connection.received(/\r\n\r\n\x81\x03one\x82\x03two$/);
      connection.destroy();
    },
  }),
  webSocketCase("X28", "a connect that throws is answered 500", {
    handlers: {
      ...ECHO,
      async connect() {
        throw new Error("connect of X28 failed");
      },
    },
    async exchange(client) {
      const logged = watchLog(client);
      const connection = await client.connect();
      connection.write(handshake(client, "/"));
      const answer = await connection.received(/Internal Server Error\n/);
      matches(answer, /^HTTP\/1\.1 500 /, "the answer");
      await logged(/connect of X28 failed/);
      connection.destroy();
    },
  }),
];

function webSocketCase(
  id: string,
  name: string,
  { handlers, exchange }: { handlers: WebSocketHandlers; exchange(client: Client): Promise<void> },
): Case {
  return {
    ...{ id, name, exchange, websocket: handlers },
    needs: ["wire", "websocket"],
    application() {
      throw new Error(`${id} has no requests but for a WebSocket`);
    },
  };
}

/** A connection with its handshake done. */
async function open(client: Client): Promise<Connection> {
  const connection = await client.connect();
  connection.write(handshake(client, "/"));
  matches(await connection.received(/\r\n\r\n/), /^HTTP\/1\.1 101 /, "the answer");
  return connection;
}

/** The head of a request for a WebSocket. */
export function handshake(client: Client, path: string, ...fields: [string, string][]): string {
  return client.head("GET", path, [
    ["Connection", "Upgrade"],
    ["Upgrade", "websocket"],
    ["Sec-WebSocket-Version", "13"],
    ["Sec-WebSocket-Key", KEY],
    ...fields,
  ]);
}

const LAST = 0x80;
const TEXT = LAST | 1;
const BINARY = LAST | 2;
const CLOSE = LAST | 8;

/** A frame of a client, its mask all zeros, which leaves the payload as it is. */
function frame(first: number, payload: string): string {
  return `${String.fromCharCode(first, 0x80 | payload.length)}\0\0\0\0${payload}`;
}

/** Field names come in any case. */
function sameField(found: string, wanted: string): boolean {
  const [name = "", value] = found.split(": ");
  const [wantedName = "", wantedValue] = wanted.split(": ");
  return name.toLowerCase() === wantedName.toLowerCase() && value === wantedValue;
}

function noteEnd(connection: WebSocketConnection, code: number, reason: string): void {
  noteOn(connection, `${code} ${reason}`);
}

async function expectNote(client: Client, wanted: string): Promise<void> {
  let notes: readonly string[] = [];
  const isThere = async (): Promise<boolean> => {
    notes = await client.notes();
    return notes.includes(wanted);
  };
  await until(isThere, `the note ${JSON.stringify(wanted)} of disconnect`, 4000);
}
