import type { WebSocketConnection, WebSocketHandlers } from "dram";
import { application, cases, conform, websocket } from "dram/conformance";
import { http1Transport } from "dram/conformance/transport";
import { serve } from "dram/node";
import { expect, test } from "vitest";

type Fault = [id: string, fault: string, handlers: Partial<WebSocketHandlers>, message: string];

const connect = websocket.connect ?? (() => undefined);
const disconnect = websocket.disconnect ?? (() => undefined);

const FAULTS: readonly Fault[] = [
  [
    "X16",
    "loses the headers of a denial",
    { connect: answering({ headers: [] }) },
    "a header of the denial",
  ],
  [
    "X20",
    "loses the subprotocol",
    { connect: answering({ subprotocol: undefined }) },
    "Sec-WebSocket-Protocol: superchat in",
  ],
  [
    "X20",
    "loses a header",
    { connect: answering({ headers: [["Set-Cookie", "a=1"]] }) },
    "X-Asked: /chat",
  ],
  [
    "X21",
    "makes texts of bytes",
    { message: (connection, data) => websocket.message(connection, String(data)) },
    "no /\\x82",
  ],
  [
    "X22",
    "does not wait",
    { message: (connection, data) => void websocket.message(connection, data) },
    "no /\\x81",
  ],
  [
    "X23",
    "loses the code",
    { disconnect: (connection) => disconnect(connection, 1000, "") },
    "4001 bye",
  ],
  [
    "X24",
    "loses the reason",
    { disconnect: (connection, code) => disconnect(connection, code, "") },
    "4002 bye",
  ],
  [
    "X25",
    "calls every end a good one",
    { disconnect: (connection) => disconnect(connection, 1000, "") },
    "1006 ",
  ],
  [
    "X26",
    "hides an error",
    {
      message: async (connection, data) =>
        void (await Promise.allSettled([websocket.message(connection, data)])),
    },
    "no /\\x88",
  ],
  [
    "X27",
    "sends nothing of connect",
    { connect: (connection, environ) => connect(silent(connection), environ) },
    "no /\\r\\n\\r\\n\\x81",
  ],
  [
    "X28",
    "accepts whatever happens",
    {
      connect: async (connection, environ) =>
        void (await Promise.allSettled([connect(connection, environ)])),
    },
    "no /Internal",
  ],
];

test.concurrent.each(FAULTS)("%s fails if the gateway %s", async (id, _fault, faulty, message) => {
  await expect(run(id, { ...websocket, ...faulty })).rejects.toThrow(message);
});

test("every case of WebSockets has a gateway that fails it", () => {
  const ids = cases.filter((one) => one.websocket !== undefined).map(({ id }) => id);
  expect([...new Set(FAULTS.map(([id]) => id))]).toEqual(ids);
});

/** Runs one case against a server with these handlers. */
async function run(id: string, handlers: WebSocketHandlers): Promise<void> {
  const server = await serve(application, {
    ...{ port: 0, signals: false, graceTime: 0, websocket: handlers },
    errors: { write() {}, writelines() {}, flush() {} },
  });
  const { url } = server;
  const registered: (() => Promise<void>)[] = [];
  conform(
    {
      ...{ name: "faulty", runtime: "Node.js", software: "(node)", origin: url },
      ...http1Transport(url),
      lacks: { nativeRequest: "not asked" },
    },
    (name, exchange) => {
      if (name.startsWith(`${id} `)) {
        registered.push(exchange);
      }
    },
  );
  try {
    for (const exchange of registered) {
      await exchange();
    }
  } finally {
    await server.close();
  }
}

/** What connect returns, with a change. */
function answering(changes: object): Required<WebSocketHandlers>["connect"] {
  return async (connection, environ) => {
    const answer = await connect(connection, environ);
    return answer === undefined ? answer : { ...answer, ...changes };
  };
}

/** The connection, but for what is sent now. */
function silent(connection: WebSocketConnection): WebSocketConnection {
  return Object.assign(Object.create(connection), { async send() {}, attachment: undefined });
}
