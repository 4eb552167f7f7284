import { randomBytes } from "node:crypto";
import { type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import {
  checkHandshake,
  DramError,
  decide,
  type Environ,
  type Gateway,
  refuse,
  refuseHandshake,
  type WebSocketHandlers,
  WebSocketSession,
} from "../../core/mod.ts";
import type { Lifetime } from "../process/mod.ts";
import { Client, type NodeListener } from "./client.ts";
import { toEnviron } from "./environ.ts";
import { LINGER_TIMEOUT, MAX_EARLY } from "./limits.ts";
import { fromResponse } from "./response.ts";
import type { Sockets } from "./sockets.ts";

/** A listener of "upgrade", for a server of `node:http`, `node:https`, or `node:http2` with `allowHTTP1`. */
export type NodeUpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** A listener of "upgrade" that can close the WebSockets which it has opened. */
export interface NodeUpgrade extends NodeUpgradeListener {
  /**
   * Closes them with 1001, and those that come late; resolves when none is left. A server does not know
   * of them, and its own `close()` waits for them: call both.
   */
  close(): Promise<void>;
}

/** What a listener of "upgrade" needs. */
export interface UpgradeContext {
  readonly handlers: WebSocketHandlers;
  readonly sockets: Sockets;
  readonly gateway: Gateway;
  readonly lifetime: Lifetime<Client> | undefined;
  /** Serves a request that asks for another protocol, which no server has to offer. */
  readonly listener: NodeListener;
}

/** The flow of every handshake. */
export function createUpgradeListener(context: UpgradeContext): NodeUpgradeListener {
  const { gateway, sockets, lifetime } = context;
  return (request, socket, head) => {
    const response = respondOn(request, socket);
    if (!isWebSocket(request)) {
      serveOther(request, response, context);
      return;
    }
    const client = new Client(request, response, lifetime);
    client.watch();
    const early = watchEarly(socket, head);
    let environ: Environ;
    try {
      environ = toEnviron(client, gateway);
      checkHandshake(environ);
      if (request.headers["transfer-encoding"] !== undefined) {
        // Not in environ, for Node decodes it; here it has not.
        throw new DramError("ERR_HANDSHAKE", "a request for a WebSocket has a body");
      }
    } catch (error) {
      fromResponse(refuseHandshake(error, gateway), client, gateway);
      return;
    }
    const session = createSession(environ, context);
    decide(session, environ, gateway).then(({ accepted, denied }) => {
      if (denied !== undefined) {
        fromResponse(denied, client, gateway);
      } else if (accepted !== undefined) {
        response.detachSocket(socketOf(socket));
        const upgrade = { request, socket, head: early() };
        sockets.accept(upgrade, session, accepted, lifetime?.waitUntil);
        lifetime?.end(client);
      }
    });
  };
}

/** Whether it is a WebSocket that a request asks for; Node has seen that it asks for something. */
export function isWebSocket({ method, headers }: IncomingMessage): boolean {
  return method === "GET" && headers.upgrade?.toLowerCase() === "websocket";
}

function createSession(environ: Environ, { handlers, sockets }: UpgradeContext): WebSocketSession {
  return new WebSocketSession({
    handlers,
    // Not randomUUID(), whose string is a tree of its pieces: 600 bytes for as long as it lives.
    id: randomBytes(16).toString("hex"),
    errors: environ["wsgi.errors"],
    uri: environ.REQUEST_URI,
    // ws refuses a larger one before it is whole.
    maxMessageSize: Number.POSITIVE_INFINITY,
    peers: sockets.peers,
  });
}

/** A response on a connection that Node has given up: the last one on it. */
function respondOn(request: IncomingMessage, socket: Duplex): ServerResponse {
  // A reset is the end of the connection, which is listened to.
  socket.on("error", ignore);
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socketOf(socket));
  response.once("finish", () => {
    socket.end();
    // A reset, for what the client still sends, must not overtake the answer.
    socket.resume();
    setTimeout(() => socket.destroy(), LINGER_TIMEOUT).unref();
  });
  return response;
}

/**
 * Reads while the application decides, or nobody would see that the client leaves.
 *
 * @returns Stops, and gives what has come.
 */
function watchEarly(socket: Duplex, head: Buffer): () => Buffer {
  const chunks = [head];
  let size = head.length;
  const onData = (chunk: Buffer): void => {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_EARLY) {
      socket.pause();
    }
  };
  const onEnd = (): void => {
    socket.destroy();
  };
  socket.on("data", onData);
  socket.on("end", onEnd);
  return () => {
    socket.off("data", onData);
    socket.off("end", onEnd);
    socket.pause();
    return Buffer.concat(chunks);
  };
}

/** Only where Node cannot be told to take such a request for an ordinary one: before 24.9. */
function serveOther(
  request: IncomingMessage,
  response: ServerResponse,
  { listener, gateway, lifetime }: UpgradeContext,
): void {
  const { "content-length": length = "0", "transfer-encoding": coding } = request.headers;
  if (length === "0" && coding === undefined) {
    listener(request, response);
    return;
  }
  // Node has not parsed it, and it must not be taken for the next request.
  const error = new DramError("ERR_FRAMING", "a request to upgrade the connection has a body");
  fromResponse(refuse(error, gateway), new Client(request, response, lifetime), gateway);
}

function ignore(): void {}

/** Node's types say Duplex, for servers of other streams than sockets. */
function socketOf(socket: Duplex): Socket {
  return socket as Socket;
}
