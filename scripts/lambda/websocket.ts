import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { buffer } from "node:stream/consumers";
import { type RawData, WebSocketServer } from "ws";
import { type Connection, MAX_MESSAGE, manage } from "./connections.ts";
import type { Outcome } from "./environment.ts";
import {
  formDecode,
  forwarded,
  group,
  isNamed,
  last,
  logTime,
  parameters,
  single,
} from "./fields.ts";
import { type Field, Refusal } from "./message.ts";
import { isObject, objectOf, parseResult, singleOf, statusOf } from "./result.ts";
import type { Emulator } from "./server.ts";
import type { Credentials } from "./signature.ts";

/** A WebSocket API with the routes `$connect`, `$disconnect`, `$default`, and such as are named. */
export interface WebSocketApiOptions {
  /** Default: what API Gateway gives. */
  readonly domain: string;
  readonly stage: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Values of `action` in JSON messages that have a route of their own. Default: none. */
  readonly routes?: readonly string[];
  /** Whether the integration's contentHandlingStrategy is CONVERT_TO_BINARY. */
  readonly binary?: boolean;
  /** Whoever may manage connections. */
  readonly credentials: Credentials;
  /** The function behind it. */
  invoke(event: string): Promise<Outcome>;
  /** Takes what went in and what came out. */
  onExchange?(event: string, result: string): void;
  /** Takes why AWS would have refused something. */
  onRefusal(what: string, reason: string): void;
}

/**
 * Serves a function as an API Gateway WebSocket API would, and its management API below
 * `/{stage}/@connections`.
 */
export async function serveWebSocketApi(options: WebSocketApiOptions): Promise<Emulator> {
  const connections = new Map<string, Connection>();
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE,
    handleProtocols: (_offered, request) => subprotocols.get(request) ?? false,
  });
  const server = createServer((request, response) => {
    manage(request, response, connections, options).catch((error: unknown) => {
      options.onRefusal(`${request.method} ${request.url}`, String(error));
      response.destroy();
    });
  });
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => {});
    connect(options, connections, sockets, request, socket, head).catch((error: unknown) => {
      options.onRefusal(`$connect ${request.url}`, String(error));
      const status = error instanceof Refusal ? error.status : 500;
      refuse(socket, status);
    });
  });
  server.listen(options.port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "string" ? 0 : (address?.port ?? 0),
    async close() {
      for (const { socket } of connections.values()) {
        socket.terminate();
      }
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** What the function has named. */
const subprotocols = new WeakMap<IncomingMessage, string>();

/** The function decides by its status, and names the subprotocol; the client gets nothing else of it. */
async function connect(
  options: WebSocketApiOptions,
  connections: Map<string, Connection>,
  sockets: WebSocketServer,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const { stage } = options;
  const [path = "", query = ""] = (request.url ?? "/").split(/\?(.*)/s);
  if (path !== `/${stage}` && path !== `/${stage}/`) {
    throw new Refusal(403, `${path} is not the stage /${stage}`);
  }
  const connection = {
    // Base64, as AWS's are: their "=" must be escaped in a path.
    id: randomBytes(11).toString("base64"),
    connectedAt: Date.now(),
    identity: {
      sourceIp: request.socket.remoteAddress ?? "127.0.0.1",
      userAgent: request.headers["user-agent"] ?? null,
    },
  };
  const result = await invoke(options, {
    ...headersOf(options, request),
    ...queryOf(query),
    requestContext: contextOf(options, connection, "CONNECT", "$connect"),
    isBase64Encoded: false,
  });
  if (result === undefined) {
    throw new Refusal(502, "the function has failed");
  }
  const status = statusOf(result.statusCode);
  if (status >= 300) {
    refuse(socket, status);
    return;
  }
  const protocol = singleOf(result.headers).find(([name]) =>
    isNamed(name, "sec-websocket-protocol"),
  );
  if (protocol !== undefined) {
    subprotocols.set(request, protocol[1]);
  }
  sockets.handleUpgrade(request, socket, head, (opened) => {
    const open = { ...connection, socket: opened, lastActiveAt: Date.now() };
    connections.set(open.id, open);
    attend(options, connections, open, headersOf(options, request, DISCONNECT));
  });
}

/** From the first message to the end. */
function attend(
  options: WebSocketApiOptions,
  connections: Map<string, Connection>,
  connection: Connection,
  headers: object,
): void {
  const { socket, id } = connection;
  socket.on("error", () => {});
  socket.on("message", (data: RawData, isBinary: boolean) => {
    connection.lastActiveAt = Date.now();
    if (isBinary) {
      // "Binary media types for WebSocket APIs in API Gateway", 2026-11.
      socket.close(1003);
      return;
    }
    receive(options, connection, data.toString()).catch((error: unknown) => {
      options.onRefusal(`a message of ${id}`, String(error));
    });
  });
  socket.on("close", (code, reason) => {
    connections.delete(id);
    const context = {
      ...contextOf(options, connection, "DISCONNECT", "$disconnect"),
      disconnectStatusCode: code,
      disconnectReason: reason.toString(),
    };
    invoke(options, { ...headers, requestContext: context, isBase64Encoded: false }).catch(
      (error: unknown) => options.onRefusal(`$disconnect of ${id}`, String(error)),
    );
  });
}

async function receive(
  options: WebSocketApiOptions,
  connection: Connection,
  body: string,
): Promise<void> {
  const { routes = [], binary = false } = options;
  const context = contextOf(options, connection, "MESSAGE", routeOf(body, routes));
  const result = await invoke(options, {
    requestContext: { ...context, messageId: randomUUID() },
    body,
    isBase64Encoded: binary,
  });
  if (result === undefined) {
    // Not documented, but known: the client is told, and the connection stays.
    const { requestId } = context;
    const { id, socket } = connection;
    socket.send(JSON.stringify({ message: "Internal server error", connectionId: id, requestId }));
  }
}

/** @returns `undefined` if the function has failed. */
async function invoke(
  { invoke: call, onExchange, onRefusal }: WebSocketApiOptions,
  value: object,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const event = JSON.stringify(value);
  const outcome = await call(event);
  switch (outcome.kind) {
    case "value": {
      const payload = outcome.payload.toString();
      onExchange?.(event, payload);
      return objectOf(parseResult(payload));
    }
    case "stream":
      return objectOf(parseResult((await buffer(outcome.body)).toString()));
    case "error":
      onExchange?.(event, outcome.message);
      onRefusal("an event", outcome.message);
      return undefined;
  }
}

function refuse(socket: Duplex, status: number): void {
  const body = JSON.stringify({ message: STATUS_CODES[status] });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function contextOf(
  { domain, stage }: WebSocketApiOptions,
  { id, connectedAt, identity }: Pick<Connection, "id" | "connectedAt" | "identity">,
  eventType: string,
  routeKey: string,
): { readonly requestId: string } {
  const time = Date.now();
  const requestId = randomBytes(11).toString("base64");
  return {
    ...{ routeKey, eventType, extendedRequestId: requestId, requestTime: logTime(time) },
    ...{ messageDirection: "IN", stage, connectedAt, requestTimeEpoch: time, identity, requestId },
    ...{ domainName: domain, connectionId: id, apiId: "wsapi12345" },
  };
}

/** The headers of the handshake, but for those of the connection. */
function headersOf(
  { domain }: WebSocketApiOptions,
  request: IncomingMessage,
  kept: RegExp = /./,
): object {
  const fields: Field[] = [];
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const value = request.rawHeaders[index + 1] ?? "";
    fields.push([request.rawHeaders[index] ?? "", Buffer.from(value, "latin1").toString()]);
  }
  const address = request.socket.remoteAddress ?? "127.0.0.1";
  const site = { domain, scheme: "https", port: "443" } as const;
  const all = group(
    forwarded({ headers: fields, address }, site).filter(([name]) => kept.test(name)),
  );
  return { headers: single(all, last), multiValueHeaders: all };
}

/** What is left of them when a connection has ended. */
const DISCONNECT = /^(?:host|x-forwarded-for)$/i;

/** Absent if there is none. */
function queryOf(query: string): object {
  const fields = parameters(query).map(
    ([name, value]): Field => [formDecode(name), formDecode(value)],
  );
  const values = group(fields);
  return fields.length === 0
    ? {}
    : {
        queryStringParameters: single(values, last),
        multiValueQueryStringParameters: values,
      };
}

/** By `$request.body.action`; what is no JSON goes to `$default`. */
function routeOf(body: string, routes: readonly string[]): string {
  try {
    const value: unknown = JSON.parse(body);
    const action = isObject(value) ? value.action : undefined;
    return typeof action === "string" && routes.includes(action) ? action : "$default";
  } catch {
    return "$default";
  }
}
