import { DramError, text, type WebSocketHandlers } from "dram";
import { fromAsgi } from "dram/asgi";
import {
  type AttachmentStore,
  type ConnectionClient,
  toLambda,
  type WebSocketApiOptions,
  webSocketApi,
} from "dram/lambda";
import { expect, onTestFinished, test, vi } from "vitest";
import { Log } from "../core/helpers.ts";
import { context, fixture, type Json, ok, v2 } from "./helpers.ts";
import { stream } from "./runtime.ts";

const ECHO: WebSocketHandlers = { message: (connection, data) => connection.send(data) };

interface Calls {
  readonly result: unknown;
  /** What the management API was asked for. */
  readonly calls: string[];
  readonly lines: string[];
  readonly kept: ReadonlyMap<string, string>;
}

/** One invocation. */
async function deliver(
  event: Json,
  handlers: WebSocketHandlers,
  { kept = new Map(), ...options }: WebSocketApiOptions & { kept?: Map<string, string> } = {},
): Promise<Calls> {
  const log = new Log();
  const calls: string[] = [];
  const client: ConnectionClient = {
    async post(id, data) {
      await null;
      calls.push(`post ${id} ${data}`);
    },
    async delete(id) {
      calls.push(`delete ${id}`);
    },
  };
  const websocket = webSocketApi(handlers, { client, store: kept, ...options });
  const handler = toLambda(ok, { websocket, errors: log });
  return { result: await handler(event, context()), calls, lines: log.writes, kept };
}

function connectEvent(changes: Json = {}, requestContext: Json = {}): Json {
  return {
    headers: { Host: "ws.example", "Sec-WebSocket-Protocol": "a, b" },
    multiValueHeaders: { Host: ["ws.example"], "Sec-WebSocket-Protocol": ["a, b"] },
    ...socketEvent("CONNECT", { routeKey: "$connect", ...requestContext }),
    ...changes,
  };
}

function messageEvent(changes: Json = {}, requestContext: Json = {}): Json {
  return { ...socketEvent("MESSAGE", requestContext), body: "hello", ...changes };
}

function endEvent(requestContext: Json = {}): Json {
  return socketEvent("DISCONNECT", { routeKey: "$disconnect", ...requestContext });
}

function socketEvent(eventType: string, requestContext: Json): Json {
  return {
    requestContext: {
      routeKey: "$default",
      eventType,
      stage: "prod",
      requestId: "ws-1",
      domainName: "ws.example",
      connectionId: "id=",
      apiId: "abc",
      identity: { sourceIp: "192.0.2.1" },
      ...requestContext,
    },
    isBase64Encoded: false,
  };
}

test("$connect of a real event makes the environ of a request", async () => {
  let seen: unknown;
  const { result } = await deliver(fixture("bref-websocket/websocket-connect"), {
    ...ECHO,
    connect(connection, environ) {
      const { REQUEST_METHOD, REQUEST_URI, SCRIPT_NAME, PATH_INFO, QUERY_STRING } = environ;
      const { SERVER_NAME, SERVER_PORT, REMOTE_ADDR, HTTP_ORIGIN } = environ;
      seen = [
        [connection.id, connection.peers, connection.attachment],
        [REQUEST_METHOD, REQUEST_URI, SCRIPT_NAME, PATH_INFO, QUERY_STRING],
        [environ["wsgi.url_scheme"], SERVER_NAME, SERVER_PORT, REMOTE_ADDR, HTTP_ORIGIN],
      ];
    },
  });
  expect(seen).toEqual([
    ["xyz-connectionId", undefined, undefined],
    ["GET", "/dev", "/dev", "", ""],
    [
      "https",
      "xyz-apiId.execute-api.eu-west-1.amazonaws.com",
      "443",
      "0.0.0.0",
      "https://developer.mozilla.org",
    ],
  ]);
  expect(result).toEqual({ statusCode: 200, headers: {}, body: "", isBase64Encoded: false });
});

test("on a custom domain the stage does not show", async () => {
  let path: string | undefined;
  await deliver(connectEvent({ multiValueQueryStringParameters: { a: ["1", "2"] } }), {
    ...ECHO,
    connect(_connection, environ) {
      path = `${environ.REQUEST_URI} ${environ.SCRIPT_NAME} ${environ.PATH_INFO}`;
    },
  });
  expect(path).toBe("/?a=1&a=2  /");
});

test("scriptName is where every handshake is", async () => {
  let path: string | undefined;
  const websocket = webSocketApi({
    ...ECHO,
    connect(_connection, environ) {
      path = `${environ.SCRIPT_NAME} ${environ.PATH_INFO}`;
    },
  });
  await toLambda(ok, { websocket, scriptName: "/app" })(
    fixture("bref-websocket/websocket-connect"),
    context(),
  );
  expect(path).toBe("/dev/app ");
});

test("subprotocol and headers of an acceptance are headers of the result", async () => {
  const { result } = await deliver(connectEvent(), {
    ...ECHO,
    connect: async () => ({ subprotocol: "b", headers: [["X-A", "1"]] }),
  });
  expect(result).toEqual({
    statusCode: 200,
    headers: { "x-a": "1", "sec-websocket-protocol": "b" },
    body: "",
    isBase64Encoded: false,
  });
});

test("a denial is the result", async () => {
  const { result, lines } = await deliver(connectEvent(), {
    ...ECHO,
    connect: () => ({
      status: "401 Unauthorized",
      headers: [["Content-Type", "text/plain"]],
      body: text("who are you?"),
    }),
  });
  expect(result).toEqual({
    statusCode: 401,
    headers: { "content-type": "text/plain" },
    body: "who are you?",
    isBase64Encoded: false,
  });
  expect(lines).toEqual([]);
});

test("a denial of status 2xx, which API Gateway would take for the opposite, is a 500", async () => {
  const { result, lines } = await deliver(connectEvent(), {
    ...ECHO,
    connect: () => ({ status: "204 No Content" }),
  });
  expect(result).toMatchObject({ statusCode: 500 });
  expect(lines.join("")).toContain("ERR_HANDSHAKE_ANSWER: connect denied with the status 204");
});

test.each(["send", "close"] as const)(
  "connect cannot %s: the connection opens behind it",
  async (method) => {
    const { result, calls, lines } = await deliver(connectEvent(), {
      ...ECHO,
      async connect(connection) {
        method === "send" ? connection.send("early") : connection.close();
      },
    });
    expect(result).toMatchObject({ statusCode: 500 });
    expect(calls).toEqual([]);
    expect(lines.join("")).toContain(`ERR_NOT_OPEN: ${method}: API Gateway opens the connection`);
  },
);

test("a message is answered by the management API", async () => {
  const { result, calls } = await deliver(fixture("bref-websocket/websocket-message"), ECHO);
  expect(result).toEqual({ statusCode: 200 });
  expect(calls).toEqual(["post xyz-connectionId Hello Server!"]);
});

test.each([
  ["text", { body: "Grüße" }, "Grüße"],
  ["nothing", { body: null }, ""],
  ["bytes", { body: "AP+A", isBase64Encoded: true }, new Uint8Array([0, 255, 128])],
])("a message of %s arrives as it is", async (_name, changes, wanted) => {
  let data: unknown;
  await deliver(messageEvent(changes), {
    message(_connection, found) {
      data = typeof found === "string" ? found : new Uint8Array(found);
    },
  });
  expect(data).toEqual(wanted);
});

test.each([
  ["bytes", new Uint8Array([1]), "ERR_MESSAGE_TYPE"],
  ["131,073 bytes of UTF-8", `${"é".repeat(65_536)}x`, "ERR_MESSAGE_SIZE"],
])("%s are not sent, and the handler may go on", async (_name, data, code) => {
  let found: unknown;
  const { calls, lines } = await deliver(messageEvent(), {
    async message(connection) {
      await connection.send(data).catch((error: unknown) => {
        found = error;
      });
      await connection.send("é".repeat(65_536));
    },
  });
  expect(found).toMatchObject({ code });
  expect(calls).toEqual([`post id= ${"é".repeat(65_536)}`]);
  expect(lines).toEqual([]);
});

test.each([
  ["dram's", new DramError("ERR_CLIENT_DISCONNECTED", "gone")],
  ["the SDK's", Object.assign(new Error("gone"), { name: "GoneException" })],
])("that a client has left, in %s words, is no fault of the handler's", async (_name, error) => {
  const client: ConnectionClient = {
    post: () => Promise.reject(error),
    delete: () => Promise.reject(error),
  };
  const { result, lines } = await deliver(messageEvent(), ECHO, { client });
  expect([result, lines]).toEqual([{ statusCode: 200 }, []]);
});

test("a client of the deployer's that fails is not taken for one that has left", async () => {
  let found: unknown;
  const client: ConnectionClient = {
    post: () => Promise.reject(new Error("forbidden")),
    async delete() {},
  };
  await deliver(
    messageEvent(),
    {
      message: (connection) =>
        connection.send("one").catch((error: unknown) => {
          found = error;
        }),
    },
    { client },
  );
  expect(found).toMatchObject({ code: "ERR_CONNECTION_API", cause: new Error("forbidden") });
});

test("a message that is refused is logged, though nobody waits for it", async () => {
  const client: ConnectionClient = {
    post: () => Promise.reject(new Error("forbidden")),
    async delete() {},
  };
  const { lines } = await deliver(
    messageEvent(),
    {
      message(connection) {
        connection.send("one");
        connection.send("two");
      },
    },
    { client },
  );
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(
    /WebSocket id= \(request "request-1"\): ERR_CONNECTION_API: .*Error: forbidden .*said once$/m,
  );
});

test("a route of the deployer's is a message", async () => {
  const { calls } = await deliver(messageEvent({}, { routeKey: "greet" }), ECHO);
  expect(calls).toEqual(["post id= hello"]);
});

test("what a handler does not wait for is done when the invocation ends, in order", async () => {
  const { calls } = await deliver(messageEvent(), {
    message(connection) {
      connection.send("one");
      connection.send("two");
      connection.close(1001, "bye");
    },
  });
  expect(calls).toEqual(["post id= one", "post id= two", "delete id="]);
});

test.each([
  [{ disconnectStatusCode: 1001, disconnectReason: "away" }, [1001, "away"]],
  [{ disconnectStatusCode: 1005, disconnectReason: "" }, [1005, ""]],
  [{ disconnectStatusCode: null, disconnectReason: null }, [1006, ""]],
  [{}, [1006, ""]],
])("$disconnect with %j is told as %j", async (end, wanted) => {
  let seen: unknown;
  await deliver(endEvent(end), {
    ...ECHO,
    disconnect(_connection, ...given) {
      seen = given;
    },
  });
  expect(seen).toEqual(wanted);
});

test("nothing can be sent to a connection that has ended", async () => {
  const { calls, lines } = await deliver(endEvent(), {
    ...ECHO,
    disconnect: (connection) => connection.send("late"),
  });
  expect([calls, lines]).toEqual([[], []]);
});

test("an attachment is kept from connect to disconnect", async () => {
  const kept = new Map<string, string>();
  const seen: unknown[] = [];
  const handlers: WebSocketHandlers = {
    connect(connection) {
      connection.attachment = { count: 0 };
    },
    message(connection) {
      seen.push(connection.attachment);
      connection.attachment = { count: seen.length };
    },
    disconnect(connection) {
      seen.push(connection.attachment);
    },
  };
  for (const event of [connectEvent(), messageEvent(), messageEvent(), endEvent()]) {
    await deliver(event, handlers, { kept });
  }
  expect(seen).toEqual([{ count: 0 }, { count: 1 }, { count: 2 }]);
  expect(kept.size).toBe(0);
});

test("an attachment that has not changed is not stored again", async () => {
  const { store, calls } = recording("1");
  await deliver(messageEvent(), ECHO, { store });
  expect(calls).toEqual(["get id="]);
});

test("an attachment that becomes undefined is deleted", async () => {
  const { store, calls } = recording("1");
  await deliver(
    messageEvent(),
    {
      message(connection) {
        connection.attachment = undefined;
      },
    },
    { store },
  );
  expect(calls).toEqual(["get id=", "delete id="]);
});

test("the attachment of a denied connection is not stored", async () => {
  const { store, calls } = recording(undefined);
  await deliver(
    connectEvent(),
    {
      ...ECHO,
      connect(connection) {
        connection.attachment = 1;
        return { status: "403 Forbidden" };
      },
    },
    { store },
  );
  expect(calls).toEqual([]);
});

test("what a handler leaves with a connection that it has closed is not stored", async () => {
  const { store, calls } = recording(undefined);
  await deliver(
    messageEvent(),
    {
      message(connection) {
        connection.attachment = 1;
        connection.close();
      },
    },
    { store },
  );
  expect(calls).toEqual(["get id="]);
});

test("without a store an attachment is an error that names the option", async () => {
  const log = new Log();
  const websocket = webSocketApi({
    ...ECHO,
    connect(connection) {
      connection.attachment = 1;
    },
  });
  const result = await toLambda(ok, { websocket, errors: log })(connectEvent(), context());
  expect(result).toMatchObject({ statusCode: 500 });
  expect(log.writes.join("")).toMatch(/ERR_OPTION: an attachment was set, .*option store/);
});

test.each([
  ["a function", (): void => {}],
  ["a bigint", 1n],
])("an attachment that is %s is an error", async (_name, value) => {
  const { result, lines } = await deliver(connectEvent(), {
    ...ECHO,
    connect(connection) {
      connection.attachment = value;
    },
  });
  expect(result).toMatchObject({ statusCode: 500 });
  expect(lines.join("")).toContain("ERR_ATTACHMENT: the attachment is a ");
});

test("a store that fails is logged, and closes the connection", async () => {
  const store: AttachmentStore = {
    get: () => Promise.reject(new Error("no table")),
    set() {},
    delete() {},
  };
  const { result, calls, lines } = await deliver(messageEvent(), ECHO, { store });
  expect(result).toEqual({ statusCode: 500 });
  expect(calls).toEqual(["delete id="]);
  expect(lines.join("")).toContain("Error: no table");
});

test("a handler that throws is logged once, and closes the connection", async () => {
  const { result, calls, lines } = await deliver(messageEvent(), {
    async message() {
      throw new Error("broken");
    },
  });
  expect(result).toEqual({ statusCode: 200 });
  expect(calls).toEqual(["delete id="]);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("dram: WebSocket id=: Error: broken");
});

test.each([
  ["connectionId", 1],
  ["connectionId", ""],
  ["eventType", "OTHER"],
  ["eventType", undefined],
])("a message whose %s is %j fails the invocation", async (key, value) => {
  await expect(deliver(messageEvent({}, { [key]: value }), ECHO)).rejects.toMatchObject({
    code: "ERR_EVENT",
    message: expect.stringContaining(`requestContext.${key} of the event is `),
  });
});

test.each([
  [{ body: 1 }, "body of the event is a number"],
  [{ isBase64Encoded: "yes" }, 'isBase64Encoded of the event is "yes"'],
  [{ body: "A", isBase64Encoded: true }, "body of the event is not base64"],
])("a message with %j fails the invocation", async (changes, message) => {
  await expect(deliver(messageEvent(changes), ECHO)).rejects.toThrow(message);
});

test.each([
  ["disconnectStatusCode", "1001"],
  ["disconnectStatusCode", 999],
  ["disconnectStatusCode", 1000.5],
  ["disconnectStatusCode", 5000],
  ["disconnectReason", 1],
])("an end whose %s is %j fails the invocation", async (key, value) => {
  await expect(deliver(endEvent({ [key]: value }), ECHO)).rejects.toThrow(
    `requestContext.${key} of the event is `,
  );
});

test("a handshake with a malformed header is refused, and connect not called", async () => {
  let called = false;
  const { result } = await deliver(
    connectEvent({ headers: { "x-a": "b\r\nc" }, multiValueHeaders: null }),
    {
      ...ECHO,
      connect() {
        called = true;
      },
    },
  );
  expect(result).toMatchObject({ statusCode: 400 });
  expect(called).toBe(false);
});

test("a streaming handler takes the same events", async () => {
  const calls: string[] = [];
  const client: ConnectionClient = {
    async post(id, data) {
      calls.push(`post ${id} ${data}`);
    },
    async delete() {},
  };
  const websocket = webSocketApi(ECHO, { client });
  const { body, finished } = await stream(messageEvent(), ok, { websocket });
  expect([body, finished]).toEqual(['{"statusCode":200}', true]);
  expect(calls).toEqual(["post id= hello"]);
});

test("lines of the log carry the keys of their invocation", async () => {
  const lines: unknown[] = [];
  const logger = {
    error: (message: string, { correlation_id, cold_start }: Json) =>
      lines.push([message, correlation_id, cold_start]),
  };
  const websocket = webSocketApi(
    {
      message() {
        throw new TypeError("broken");
      },
    },
    { client: { async post() {}, async delete() {} } },
  );
  const handler = toLambda(ok, { websocket, logger });
  await handler(messageEvent(), context());
  await handler(messageEvent(), context());
  const line = expect.stringContaining("WebSocket id=: TypeError: broken");
  expect(lines).toEqual([
    [line, "ws-1", true],
    [line, "ws-1", false],
  ]);
});

test.each([
  ["of the API's own domain", { domainName: "abc.execute-api.eu-west-1.amazonaws.com" }],
  ["of the region, behind a custom domain", {}],
])("the endpoint is that %s", async (_name, requestContext) => {
  vi.stubEnv("AWS_REGION", "eu-west-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "a");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "b");
  const called: string[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    called.push(`${request.method} ${request.url}`);
    return new Response(null, { status: 200 });
  });
  onTestFinished(() => {
    vi.unstubAllEnvs();
    vi.unstubAllGlobals();
  });
  await toLambda(ok, { websocket: webSocketApi(ECHO) })(
    messageEvent({}, requestContext),
    context(),
  );
  expect(called).toEqual([
    "POST https://abc.execute-api.eu-west-1.amazonaws.com/prod/@connections/id%3D",
  ]);
});

test("an event that does not tell the endpoint needs the option", async () => {
  vi.stubEnv("AWS_REGION", undefined);
  onTestFinished(() => void vi.unstubAllEnvs());
  const handler = toLambda(ok, { websocket: webSocketApi(ECHO) });
  await expect(handler(messageEvent(), context())).rejects.toMatchObject({
    code: "ERR_OPTION",
    message: expect.stringContaining("the option endpoint"),
  });
});

test("requests go to the application all the same", async () => {
  const { result } = await deliver(v2(), ECHO);
  expect(result).toMatchObject({ statusCode: 200, body: "ok" });
});

test("other events are still given to their own handlers", async () => {
  const websocket = webSocketApi(ECHO);
  const events = { "aws:sqs": () => "from the queue" };
  const handler = toLambda(ok, { websocket, events });
  expect(await handler(fixture("aws-lambda-go/sqs-event"), context())).toBe("from the queue");
});

test("an ASGI application does not get what it could not be run for", async () => {
  let called = false;
  const application = fromAsgi(async () => {
    called = true;
  });
  const handler = toLambda(application);
  await expect(handler(connectEvent(), context())).rejects.toThrow(
    /"\$connect"; to handle it, give options\.websocket, or options\.events\["aws:websocket"\]/,
  );
  expect(called).toBe(false);
});

test.each([
  [{ asgi: fromAsgi(async () => {}) }, "option asgi: wanted websocket: an ASGI application runs"],
  [{ websocket: ECHO }, "option websocket: wanted what webSocketApi makes"],
  [
    { websocket: webSocketApi(ECHO), events: { "aws:websocket": () => {} } },
    'option websocket: wanted either it or events["aws:websocket"]',
  ],
])("toLambda refuses %j", (options, message) => {
  expect(() => toLambda(ok, options as never)).toThrow(message);
});

test.each([
  [{}, {}, "option websocket is an Object; wanted an object with message"],
  [ECHO, { store: {} }, "option store is an Object; wanted an object with get, set and delete"],
  [ECHO, { client: 1 }, "option client is 1; wanted an object with post and delete"],
  [ECHO, { endpoint: "abc" }, 'option endpoint is "abc"; wanted an HTTPS URL with the stage'],
])("webSocketApi refuses %j, %j", (handlers, options, message) => {
  expect(() => webSocketApi(handlers as never, options as never)).toThrow(message);
});

/** A store that holds one attachment, and what it was asked for. */
function recording(json: string | undefined): { store: AttachmentStore; calls: string[] } {
  const calls: string[] = [];
  const store: AttachmentStore = {
    get(id) {
      calls.push(`get ${id}`);
      return json;
    },
    set: (id, text) => calls.push(`set ${id} ${text}`),
    delete: (id) => calls.push(`delete ${id}`),
  };
  return { store, calls };
}
