import {
  type Application,
  createGateway,
  DramError,
  extensionOf,
  type GatewayOptions,
  type WebSocketHandlers,
} from "../../core/mod.ts";
import { answerHandshake, fetchGateway } from "../fetch/mod.ts";
import type { WorkerContext } from "./environ.ts";
import { type ObjectHandlers, ObjectSockets } from "./objectsockets.ts";
import { dataOf, type WorkerSocket } from "./pair.ts";
import { EXCHANGE, PLATFORM } from "./platform.ts";

/** The part of `DurableObjectState` that the gateway uses. */
export interface WorkerObjectState extends WorkerContext {
  /** Keeps a socket for the object, also while it sleeps. */
  acceptWebSocket(socket: WorkerSocket): void;
  /** All that are kept, those that are closing among them. */
  getWebSockets(): WorkerSocket[];
}

/** What Cloudflare calls of a Durable Object whose WebSockets hibernate. */
export interface WorkerObject {
  /** Answers one request, or opens a WebSocket. */
  fetch(request: Request): Response | Promise<Response>;
  /** `message`. */
  webSocketMessage(socket: WorkerSocket, message: string | ArrayBuffer): void | Promise<void>;
  /** `disconnect`. */
  webSocketClose(
    socket: WorkerSocket,
    code: number,
    reason: string,
    wasClean: boolean,
  ): void | Promise<void>;
  /** `disconnect` with 1006. */
  webSocketError(socket: WorkerSocket, error: unknown): void | Promise<void>;
}

/** A class of Durable Objects, to be exported by a Worker, and to be extended. */
export type WorkerObjectClass<State = WorkerObjectState, Env = unknown> = new (
  state: State,
  env: Env,
) => WorkerObject;

/** What serves the WebSockets of one object. */
export interface WorkerObjectOptions<State = WorkerObjectState, Env = unknown>
  extends GatewayOptions {
  /** Handlers; or what makes them when an object begins or wakes, and is given its storage. */
  websocket: WebSocketHandlers | ((state: State, env: Env) => WebSocketHandlers);
  /** Bytes of one message from a client; more closes the connection with 1009. Default 1 MiB. */
  maxMessageSize?: number;
}

/**
 * Makes a class of Durable Objects of handlers: `export const Room = toDurableObject(...)`. An object
 * serves the WebSockets that `durableObject` of `toWorker` leaves to it, and by the application
 * whatever else is sent to its `fetch`.
 *
 * The connections of one object are each other's `peers`. It hibernates: while nothing happens it is
 * not in memory and costs nothing, and its clients stay connected. What is to live from one event
 * to the next belongs into `connection.attachment`, which is stored as a structured clone of at most
 * 16 KiB, or into the object's storage; never into a variable. An application of ASGI is one call
 * for a whole connection, and so cannot be woken: `asgi` is an option of `toWorker` only.
 *
 * In environ, `workers.ctx` is the object's state.
 *
 * @throws {DramError} `ERR_OPTION` for a malformed option.
 */
export function toDurableObject<State extends WorkerObjectState = WorkerObjectState, Env = unknown>(
  application: Application,
  options: WorkerObjectOptions<State, Env>,
): WorkerObjectClass<State, Env> {
  const { websocket } = options;
  const gateway = createGateway(options, PLATFORM);
  if (typeof websocket !== "function") {
    // At the start, not when the first client comes.
    extend(application, options, websocket);
  }
  return class implements WorkerObject {
    readonly fetch: WorkerObject["fetch"];
    readonly #sockets: ObjectSockets;

    constructor(ctx: State, env: Env) {
      const handlers = typeof websocket === "function" ? websocket(ctx, env) : websocket;
      this.#sockets = new ObjectSockets(ctx, gateway, extend(application, options, handlers));
      const handle = fetchGateway(application, gateway, {
        ...EXCHANGE,
        upgrade: (environ, request, native) =>
          answerHandshake(environ, request, native, gateway, this.#sockets),
      });
      this.fetch = (request) => handle(request, { env, ctx });
    }

    webSocketMessage(socket: WorkerSocket, message: string | ArrayBuffer): void | Promise<void> {
      return this.#sockets.of(socket).receive(dataOf(message));
    }

    webSocketClose(socket: WorkerSocket, code: number, reason: string): void | Promise<void> {
      return this.#sockets.end(socket, code, reason);
    }

    webSocketError(socket: WorkerSocket): void | Promise<void> {
      return this.#sockets.end(socket, 1006, "");
    }
  };
}

function extend(
  application: Application,
  options: GatewayOptions & { readonly maxMessageSize?: number },
  handlers: WebSocketHandlers | undefined,
): ObjectHandlers {
  if (handlers === undefined) {
    // An application of ASGI may have some, which cannot be woken.
    throw new DramError("ERR_OPTION", "toDurableObject: no option websocket tells what to do");
  }
  const { maxMessageSize } = extensionOf(application, { ...options, websocket: handlers });
  return { handlers, maxMessageSize };
}
