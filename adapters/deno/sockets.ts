import type {
  Acceptance,
  WebSocketConnection,
  WebSocketData,
  WebSocketHandlers,
  WebSocketSession,
  WebSocketTransport,
} from "../../core/mod.ts";
import { type SocketPlatform, unshared } from "../fetch/mod.ts";
import { Connections, MAX_UNSENT, PING_INTERVAL } from "../process/mod.ts";
import type { Client } from "./client.ts";
import { DRAIN_INTERVAL } from "./limits.ts";
import type { SocketOptions } from "./options.ts";
import { fromResponse } from "./response.ts";

/** The WebSockets of one handler. */
export class Sockets implements SocketPlatform<Client> {
  readonly handlers: WebSocketHandlers;
  readonly maxMessageSize: number;
  readonly fromResponse: SocketPlatform<Client>["fromResponse"] = fromResponse;
  readonly #idleTimeout: number;
  readonly #open = new Connections<WebSocket>();

  constructor(handlers: WebSocketHandlers, maxMessageSize: number, options: SocketOptions) {
    this.handlers = handlers;
    this.maxMessageSize = maxMessageSize;
    this.#idleTimeout = Math.ceil((options.pingInterval ?? PING_INTERVAL) / 1000);
  }

  get peers(): Iterable<WebSocketConnection> {
    return this.#open.sessions;
  }

  accept(
    session: WebSocketSession,
    { subprotocol, headers }: Acceptance,
    request: Request,
    client: Client,
  ): Response {
    const over = (code: number, reason?: string): void => {
      this.#open.delete(session);
      const handled = session.ended(code, reason);
      if (handled !== undefined) {
        client.host?.lifetime.waitUntil(handled);
      }
    };
    if (client.left) {
      // Deno would make a socket of which nothing is ever heard.
      over(1006);
      return new Response(null, { status: 204 });
    }
    client.end();
    const { socket, response } = Deno.upgradeWebSocket(request, {
      idleTimeout: this.#idleTimeout,
    });
    if (subprotocol !== undefined) {
      // Not by its option, for Deno finds those offered only where ", " is between them, not ",".
      response.headers.set("Sec-WebSocket-Protocol", subprotocol);
    }
    for (const [name, value] of headers) {
      response.headers.append(name, value);
    }
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => {
      session.open(transport(socket));
      this.#open.add(session, socket);
    });
    socket.addEventListener("message", ({ data }) => {
      session.receive(typeof data === "string" ? data : new Uint8Array(data));
    });
    socket.addEventListener("close", ({ code, reason, wasClean }) => {
      // What Deno says of an end that is not clean is 0, or 1001 for a ping without an answer.
      over(wasClean ? code : 1006, reason);
    });
    // The client leaves just now: no event of the socket tells.
    request.signal.addEventListener("abort", () => over(1006));
    return response;
  }

  /** Closes all with 1001, and those that come late. Resolves when none is left. */
  stop(): Promise<void> {
    return this.#open.stop();
  }
}

function transport(socket: WebSocket): WebSocketTransport {
  let draining: Promise<void> | undefined;
  const send = (data: WebSocketData): Promise<void> | undefined => {
    if (socket.readyState !== WebSocket.OPEN) {
      throw new Error("the connection is not open");
    }
    socket.send(typeof data === "string" ? data : unshared(data));
    if (socket.bufferedAmount >= MAX_UNSENT) {
      draining ??= drain(socket).finally(() => {
        draining = undefined;
      });
    }
    return draining;
  };
  return { send, close: (code, reason) => socket.close(code, reason) };
}

/** Waits until there is room: of that Deno tells how much, but not when. */
async function drain(socket: WebSocket): Promise<void> {
  while (socket.bufferedAmount >= MAX_UNSENT) {
    if (socket.readyState !== WebSocket.OPEN) {
      throw new Error("the connection is over");
    }
    await new Promise((resolve) => setTimeout(resolve, DRAIN_INTERVAL));
  }
}
