import { once } from "node:events";
import { createConnection } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { type ClientOptions, WebSocket } from "ws";
import { bootWebSocketApi } from "../targets/lambda.ts";

const MODULE = new URL("./websocketfunction.ts", import.meta.url);

type Api = Awaited<ReturnType<typeof bootWebSocketApi>>;

let api: Api;

afterEach(() => api?.close());

/** A client, and what it has received: messages, and the end. */
interface Client {
  readonly socket: WebSocket;
  readonly received: string[];
  ended: string | undefined;
}

async function boot(options?: Parameters<typeof bootWebSocketApi>[1]): Promise<void> {
  api = await bootWebSocketApi(MODULE, options);
}

async function open(
  query = "",
  protocols: string[] = [],
  options: ClientOptions = {},
): Promise<Client> {
  const url = `ws://127.0.0.1:${api.port}/prod${query}`;
  const socket = new WebSocket(url, protocols, options);
  const client: Client = { socket, received: [], ended: undefined };
  socket.on("message", (data, isBinary) =>
    client.received.push(`${isBinary ? "binary " : ""}${data}`),
  );
  socket.on("close", (code, reason) => {
    client.ended = `${code} ${reason}`;
  });
  await once(socket, "open");
  return client;
}

/** The status of a handshake that is refused. */
async function refused(query: string): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${api.port}/prod${query}`);
  socket.on("error", () => {});
  const [, response] = await once(socket, "unexpected-response");
  socket.terminate();
  return response.statusCode;
}

async function say(client: Client, data: string, ...answers: string[]): Promise<void> {
  client.received.length = 0;
  client.socket.send(data);
  await vi.waitFor(() => expect(client.received).toEqual(answers), 15_000);
}

/** One key of the events so far. */
function seen(key: string): unknown[] {
  return api.events.map((event) => JSON.parse(event).requestContext[key]);
}

async function logged(line: string | RegExp): Promise<void> {
  await vi.waitFor(() => expect(api.log.join("\n")).toMatch(line), 15_000);
}

test("messages come back, signed, to the client that sent them", async () => {
  await boot();
  const [one, two] = [await open(), await open()];
  await say(one, "hello", "hello");
  await say(two, "Grüße, 世界", "Grüße, 世界");
  await say(one, "", "");
  expect([one.received, two.received]).toEqual([[""], ["Grüße, 世界"]]);
  expect(api.log).toEqual([]);
});

test("what is sent without waiting arrives in order, before the invocation ends", async () => {
  await boot();
  await say(await open(), "order", "one", "two", "three");
});

test("connect knows the stage, the query and the client, and its attachment is kept", async () => {
  await boot();
  const client = await open("?a=1&a=2%20");
  await say(client, "attachment", '{"seen":["/prod","a=1&a=2%20","127.0.0.1"]}');
  await say(client, "set", "done");
  await say(client, "attachment", '"set"');
});

test("the subprotocol that connect chooses is the connection's", async () => {
  await boot();
  const { socket } = await open("", ["other", "chat"]);
  expect(socket.protocol).toBe("chat");
});

test("a denial reaches the client as its status", async () => {
  await boot();
  expect(await refused("?deny")).toBe(401);
});

test("a connect that throws is answered 500, and logged", async () => {
  await boot();
  expect(await refused("?throw")).toBe(500);
  await logged(/GET \/prod\?throw= .*connect failed/);
});

test("a message of any route is a message", async () => {
  await boot({ routes: ["greet"] });
  await say(await open(), '{"action":"greet"}', '{"action":"greet"}');
  // An event is written down when its invocation is over.
  await vi.waitFor(() => expect(seen("routeKey")).toEqual(["$connect", "greet"]), 15_000);
});

test("bytes of an integration that converts to binary are bytes", async () => {
  await boot({ binary: true });
  await say(await open(), Buffer.from([0, 255, 128]).toString("base64"), "bytes 00ff80");
});

test("disconnect is told code and reason, and the attachment is deleted behind it", async () => {
  await boot();
  const client = await open("?x");
  client.socket.close(4001, "bye");
  await logged(/end 4001 bye \{"seen":\["\/prod","x=","127\.0\.0\.1"\]\}/);
  await logged("kept 0");
});

test("a client that is gone without a closing handshake ends with 1006", async () => {
  await boot();
  const client = await open();
  client.socket.terminate();
  await logged("end 1006");
});

test("the application closes by the management API, with a code of API Gateway's", async () => {
  await boot();
  const client = await open();
  client.socket.send("close");
  await vi.waitFor(() => expect(client.ended).toBe("1000 Connection Closed Normally"), 15_000);
  await logged("end 1000");
});

test.each([
  ["throw", /Error: message failed/],
  ["bytes", /ERR_MESSAGE_TYPE: API Gateway has text messages only/],
  ["large", /ERR_MESSAGE_SIZE: the message has 131073 bytes, of the 131072/],
])("a handler that fails by %s is logged, and closes the connection", async (data, line) => {
  await boot();
  const client = await open();
  client.socket.send(data);
  await logged(line);
  await vi.waitFor(() => expect(client.ended).toBe("1000 Connection Closed Normally"), 15_000);
});

test("a handler that takes too long is logged, and closes the connection", async () => {
  await boot({ timeout: 2000 });
  const client = await open();
  client.socket.send("sleep");
  await logged("ERR_DEADLINE");
  await vi.waitFor(() => expect(client.ended).toBe("1000 Connection Closed Normally"), 15_000);
});

test("a signature of another secret is refused, and the log names the permission", async () => {
  await boot({ secretAccessKey: "another" });
  const client = await open();
  client.socket.send("hello");
  await logged(/ERR_CONNECTION_API: POST .* was answered 403 .*execute-api:ManageConnections/);
  expect(client.received).toEqual([]);
});

test("nobody manages connections without a signature", async () => {
  await boot();
  const client = await open();
  const [connect = "{}"] = api.events;
  const { connectionId } = JSON.parse(connect).requestContext;
  const url = `http://127.0.0.1:${api.port}/prod/@connections/${encodeURIComponent(connectionId)}`;
  expect((await fetch(url, { method: "POST", body: "x" })).status).toBe(403);
  expect(client.received).toEqual([]);
});

test("a binary frame is refused by API Gateway with 1003, and the function not called", async () => {
  await boot();
  const client = await open();
  client.socket.send(new Uint8Array([1]));
  await vi.waitFor(() => expect(client.ended).toMatch("1003"), 15_000);
  await vi.waitFor(() => expect(seen("eventType")).toEqual(["CONNECT", "DISCONNECT"]), 15_000);
});

test("a request outside the stage is refused by API Gateway", async () => {
  await boot();
  const socket = createConnection(api.port, "127.0.0.1");
  socket.write(
    "GET /other HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
  );
  const [answer] = await once(socket, "data");
  socket.destroy();
  expect(String(answer)).toMatch(/^HTTP\/1\.1 403 /);
});
