import {
  type Application,
  checkOption,
  createGateway,
  DramError,
  type Environ,
  extensionOf,
  type Gateway,
  type GatewayOptions,
  type WebSocketOptions,
} from "../../core/mod.ts";
import { answerHandshake, type FetchPlatform, fetchGateway } from "../fetch/mod.ts";
import type { WorkerContext, WorkerNative } from "./environ.ts";
import { forward, type WorkerObjectStub } from "./forward.ts";
import { EXCHANGE, PLATFORM } from "./platform.ts";
import { fromResponse } from "./response.ts";
import { accept } from "./sockets.ts";

export type { WorkerContext } from "./environ.ts";
export type { WorkerObjectStub } from "./forward.ts";
export {
  toDurableObject,
  type WorkerObject,
  type WorkerObjectClass,
  type WorkerObjectOptions,
  type WorkerObjectState,
} from "./object.ts";
export type { WorkerSocket } from "./pair.ts";

/** A Worker's other handlers, handed through untouched. */
export interface WorkerHandlers {
  /** Of a cron trigger. */
  scheduled?(controller: never, env: never, ctx: never): unknown;
  /** Of a queue's messages. */
  queue?(batch: never, env: never, ctx: never): unknown;
  /** Of an incoming mail. */
  email?(message: never, env: never, ctx: never): unknown;
  /** Of other Workers' logs. */
  tail?(events: never, env: never, ctx: never): unknown;
  /** Of other Workers' traces. */
  trace?(traces: never, env: never, ctx: never): unknown;
}

/** The options of every adapter, those of WebSockets, and the handlers of events that are no requests. */
export interface WorkerOptions extends GatewayOptions, WorkerSocketOptions, WorkerHandlers {}

/**
 * Where WebSockets go. To `websocket` or `asgi` in this Worker: workerd keeps each connection to the
 * invocation that has accepted it, so `peers` is `undefined`, for none can talk to another. Or to the
 * Durable Object that their `peers` share.
 */
export interface WorkerSocketOptions extends WebSocketOptions {
  /**
   * Gives the stub of the object, of a class made by `toDurableObject`, that a request for a
   * WebSocket is for. The request goes there as it came. `undefined` leaves it to the application.
   *
   * @param env The Worker's bindings.
   */
  durableObject?(environ: Environ, env: never): WorkerObjectStub | undefined;
}

/** The handler of requests in a module Worker. */
export interface WorkerFetch {
  /** Answers one request. */
  fetch(request: Request, env: unknown, ctx: WorkerContext): Response | Promise<Response>;
}

/**
 * Makes a module Worker of an application: `export default toWorker(application)`.
 *
 * Set the compatibility flag `enable_request_signal`: without it `dram.signal` never aborts. workerd
 * learns that a client has left when the next chunk is refused, not before.
 *
 * @throws {DramError} `ERR_OPTION` for a malformed option.
 */
export function toWorker(application: Application): WorkerFetch;
/** The same, with handlers of other events beside it. */
export function toWorker<Options extends WorkerOptions>(
  application: Application,
  options: Options,
): Omit<Options, keyof GatewayOptions | keyof WorkerSocketOptions> & WorkerFetch;
export function toWorker(application: Application, options: WorkerOptions = {}): WorkerFetch {
  const {
    scriptName,
    maxBodySize,
    errors,
    environ,
    debug,
    underscoreHeaders,
    hopByHop,
    websocket,
    asgi,
    maxMessageSize,
    durableObject,
    ...handlers
  } = options;
  for (const [name, handler] of Object.entries(handlers)) {
    if (typeof handler !== "function") {
      throw new DramError(
        "ERR_OPTION",
        `option ${name} is neither an option of dram nor a handler`,
      );
    }
  }
  const gateway = createGateway(options, PLATFORM);
  const upgrade = createUpgrade(application, options, gateway);
  const handle = fetchGateway(application, gateway, { ...EXCHANGE, upgrade });
  return { ...handlers, fetch: (request, env, ctx) => handle(request, { env, ctx }) };
}

/** The flow of every handshake. */
function createUpgrade(
  application: Application,
  options: WorkerSocketOptions,
  gateway: Gateway,
): FetchPlatform<WorkerNative>["upgrade"] {
  const { websocket: handlers, maxMessageSize } = extensionOf(application, options);
  const { durableObject, websocket, asgi } = options;
  if (durableObject !== undefined) {
    checkOption(
      "durableObject",
      durableObject,
      (value) => typeof value === "function",
      "a function",
    );
    if ((websocket ?? asgi) !== undefined) {
      throw new DramError(
        "ERR_OPTION",
        "options durableObject and websocket or asgi are given; wanted one of them: handlers are an option of toDurableObject",
      );
    }
    return (environ, request, native) =>
      forward(application, durableObject, environ, request, native, gateway);
  }
  if (handlers === undefined) {
    return undefined;
  }
  const platform = { handlers, maxMessageSize, accept, fromResponse };
  return (environ, request, native) => answerHandshake(environ, request, native, gateway, platform);
}
