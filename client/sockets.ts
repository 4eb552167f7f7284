import type { SocketPlatform } from "../adapters/fetch/mod.ts";
import {
  DramError,
  type Extension,
  type WebSocketConnection,
  type WebSocketHandlers,
  type WebSocketSession,
} from "../core/mod.ts";
import { type ClientSocket, openSocket, type SocketOwner } from "./socket.ts";

/** A handshake that is under way: what answers it, and what became of it. */
export interface Opening {
  readonly platform: Omit<SocketPlatform<undefined>, "fromResponse">;
  /** Unless it was denied. */
  socket(): ClientSocket | undefined;
}

/** The WebSockets of one client. */
export class Sockets implements SocketOwner {
  readonly #handlers: WebSocketHandlers;
  readonly #maxMessageSize: number;
  readonly #isLinted: boolean;
  readonly #open = new Map<WebSocketConnection, ClientSocket>();
  readonly #failures = new WeakMap<WebSocketConnection, unknown[]>();
  readonly #pending = new Set<Promise<void>>();
  readonly #unseen: unknown[] = [];

  /**
   * @param isLinted Whether attachments must be what every platform can store.
   * @throws {DramError} `ERR_OPTION` if nobody takes WebSockets.
   */
  constructor({ websocket, maxMessageSize }: Extension, isLinted: boolean) {
    if (websocket === undefined) {
      throw new DramError("ERR_OPTION", "websocket: no option websocket or asgi tells what to do");
    }
    this.#handlers = this.#watch(websocket);
    this.#maxMessageSize = maxMessageSize;
    this.#isLinted = isLinted;
  }

  begin(): Opening {
    let socket: ClientSocket | undefined;
    return {
      platform: {
        handlers: this.#handlers,
        maxMessageSize: this.#maxMessageSize,
        peers: { [Symbol.iterator]: () => this.#open.keys() },
        accept: (session, accepted) => {
          socket = openSocket(session, accepted, this);
          this.#open.set(session, socket);
          // For the cookies; nobody else is given it.
          return new Response(null, { headers: accepted.headers });
        },
      },
      socket: () => socket,
    };
  }

  takeFailure(session: WebSocketSession): { readonly error: unknown } | undefined {
    const failures = this.#failures.get(session);
    return failures === undefined || failures.length === 0
      ? undefined
      : { error: failures.shift() };
  }

  waitFor(handled: Promise<void>): void {
    const settled = handled
      .catch((error: unknown) => void this.#unseen.push(error))
      .then(() => void this.#pending.delete(settled));
    this.#pending.add(settled);
  }

  over(session: WebSocketSession): void {
    this.#open.delete(session);
  }

  keep(attachment: unknown): void {
    if (this.#isLinted) {
      structuredClone(attachment);
    }
  }

  /** @throws The first error of a handler that no call could throw. */
  async close(): Promise<void> {
    for (const socket of this.#open.values()) {
      this.waitFor(socket.leave());
    }
    await Promise.all(this.#pending);
    const [first] = this.#unseen.splice(0);
    if (first !== undefined) {
      throw first;
    }
  }

  /** What a handler throws, for the call that has set it off. */
  #watch(handlers: WebSocketHandlers): WebSocketHandlers {
    const note = (connection: WebSocketConnection, error: unknown): never => {
      const failures = this.#failures.get(connection) ?? [];
      this.#failures.set(connection, failures);
      failures.push(error);
      throw error;
    };
    return {
      connect: (connection, environ) => handlers.connect?.(connection, environ),
      async message(connection, data) {
        try {
          await handlers.message(connection, data);
        } catch (error) {
          note(connection, error);
        }
      },
      async disconnect(connection, code, reason) {
        try {
          await handlers.disconnect?.(connection, code, reason);
        } catch (error) {
          note(connection, error);
        }
      },
    };
  }
}
