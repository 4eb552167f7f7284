import {
  type Acceptance,
  type Gateway,
  LineErrors,
  type WebSocketConnection,
  type WebSocketHandlers,
  WebSocketSession,
} from "../../core/mod.ts";
import { onAbort, type SocketPlatform } from "../fetch/mod.ts";
import type { WorkerNative } from "./environ.ts";
import type { WorkerObjectState } from "./object.ts";
import { makePair, type WorkerSocket } from "./pair.ts";
import { fromResponse } from "./response.ts";

/** What is stored with a socket: all that is left of its session when the object wakes. */
interface Stored {
  readonly id: string;
  readonly uri: string;
  readonly attachment: unknown;
}

export interface ObjectHandlers {
  readonly handlers: WebSocketHandlers;
  readonly maxMessageSize: number;
}

/** The WebSockets of one Durable Object, which outlive it. */
export class ObjectSockets implements SocketPlatform<WorkerNative> {
  readonly handlers: WebSocketHandlers;
  readonly maxMessageSize: number;
  readonly fromResponse: SocketPlatform<WorkerNative>["fromResponse"] = fromResponse;
  readonly #state: WorkerObjectState;
  readonly #gateway: Gateway;
  /** Of this life of the object: the order of what happens while it is awake. */
  readonly #sessions = new WeakMap<WorkerSocket, WebSocketSession>();

  constructor(
    state: WorkerObjectState,
    gateway: Gateway,
    { handlers, maxMessageSize }: ObjectHandlers,
  ) {
    this.#state = state;
    this.#gateway = gateway;
    this.handlers = handlers;
    this.maxMessageSize = maxMessageSize;
  }

  get peers(): Iterable<WebSocketConnection> {
    return { [Symbol.iterator]: () => this.#open() };
  }

  accept(
    session: WebSocketSession,
    accepted: Acceptance,
    { signal }: Request,
    { ctx }: WorkerNative,
  ): Response {
    const { socket, response } = makePair(accepted);
    this.#state.acceptWebSocket(socket);
    this.#begin(socket, session);
    // The client has left before it was answered: workerd would tell nothing, and keep the socket.
    onAbort(signal, () => {
      const handled = this.end(socket, 1006, "");
      if (handled !== undefined) {
        ctx.waitUntil(handled);
      }
    });
    return response;
  }

  /** The session of a socket; after a sleep a new one, which goes on where the last one was. */
  of(socket: WorkerSocket): WebSocketSession {
    const known = this.#sessions.get(socket);
    if (known !== undefined) {
      return known;
    }
    const { id, uri, attachment } = stored(socket);
    const { handlers, maxMessageSize, peers } = this;
    const errors = new LineErrors(this.#gateway.errors);
    const session = new WebSocketSession({ handlers, id, errors, uri, maxMessageSize, peers });
    session.attachment = attachment;
    this.#begin(socket, session);
    return session;
  }

  /** The connection is over; the client waits for an answer, which such a socket does not give itself. */
  end(socket: WorkerSocket, code: number, reason: string): void | Promise<void> {
    const handled = this.of(socket).ended(code, reason);
    if (code === 1005 || code === 1006) {
      // No codes that can be sent.
      socket.close();
    } else {
      socket.close(code, reason);
    }
    return handled;
  }

  #begin(socket: WorkerSocket, session: WebSocketSession): void {
    const keep = (attachment: unknown): void => {
      const { id, uri } = session;
      socket.serializeAttachment({ id, uri, attachment } satisfies Stored);
    };
    this.#sessions.set(socket, session);
    if (session.attachment === undefined) {
      keep(undefined);
    }
    session.open({
      send: (data) => socket.send(data),
      close: (code, reason) => socket.close(code, reason),
      keep,
    });
  }

  *#open(): Generator<WebSocketConnection> {
    for (const socket of this.#state.getWebSockets()) {
      if (socket.readyState === OPEN) {
        yield this.of(socket);
      }
    }
  }
}

/** Of `readyState`. */
const OPEN = 1;

/** Every socket of the object has it: `accept` stores it before the first event. */
function stored(socket: WorkerSocket): Stored {
  return socket.deserializeAttachment() as Stored;
}
