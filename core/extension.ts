import { DramError, describe } from "./errors.ts";
import { checkOption } from "./gateway.ts";
import { MAX_MESSAGE_SIZE } from "./limits.ts";
import type { Application } from "./types.ts";
import type { WebSocketHandlers } from "./websocket.ts";

/**
 * The key of what an application has beyond its call, such as one that `fromAsgi` of `dram/asgi` has
 * made. Nothing that comes from outside can have it.
 */
export const extension: unique symbol = Symbol("dram.extension");

/** An application that is more than a callable. A middleware's result is none: give it as `asgi` beside. */
export type ExtendedApplication = Application & { readonly [extension]: ApplicationExtension };

/** What an application is beyond HTTP. */
export interface ApplicationExtension {
  /** Takes requests for a WebSocket, unless the option `websocket` does; absent for one of HTTP alone. */
  readonly websocket?: WebSocketHandlers;
  /** Begun and ended by the gateway. */
  readonly lifespan: Lifespan;
}

/** What an application does before the first request and after the last. */
export interface Lifespan {
  /**
   * Called by a gateway that can before it takes requests; else the first request does it. Later
   * calls wait for the first one, until `shutdown`.
   *
   * @throws If the application cannot start: nothing is to be served.
   */
  startup(): Promise<void>;
  /** Called by a gateway that has an end, after the last response. Does nothing without a startup. */
  shutdown(): Promise<void>;
}

/** The options of an adapter that has WebSockets. */
export interface WebSocketOptions {
  /** Takes requests for a WebSocket; all others go to the application. */
  websocket?: WebSocketHandlers;
  /**
   * What `fromAsgi` has made: takes the WebSockets (unless `websocket` does), and is started and shut
   * down with the server. Not needed if it is itself the application.
   */
  asgi?: ExtendedApplication;
  /** Bytes of one message from a client; more closes the connection with 1009. Default 1 MiB. */
  maxMessageSize?: number;
}

/** The options, checked. */
export interface Extension {
  /** Without it a request for a WebSocket is the application's, as any other. */
  readonly websocket: WebSocketHandlers | undefined;
  /** Without it there is nothing to begin or end. */
  readonly lifespan: Lifespan | undefined;
  /** Bytes of one message from a client. */
  readonly maxMessageSize: number;
}

/**
 * What an application and the options of its adapter say beyond HTTP.
 *
 * @throws {DramError} `ERR_OPTION`.
 */
export function extensionOf(application: Application, options: WebSocketOptions): Extension {
  const { websocket, asgi, maxMessageSize = MAX_MESSAGE_SIZE } = options;
  if (asgi !== undefined && !isExtended(asgi)) {
    throw new DramError(
      "ERR_OPTION",
      `option asgi is ${describe(asgi)}; wanted what fromAsgi of dram/asgi makes: { asgi: fromAsgi(application) }`,
    );
  }
  if (websocket !== undefined) {
    checkHandlers(websocket);
  }
  checkOption("maxMessageSize", maxMessageSize, isSize, "a number of bytes above 0");
  const own = asgi ?? (isExtended(application) ? application : undefined);
  return {
    websocket: websocket ?? own?.[extension].websocket,
    lifespan: own?.[extension].lifespan,
    maxMessageSize,
  };
}

/**
 * Checks handlers of WebSockets before there is a connection to fail on.
 *
 * @throws {DramError} `ERR_OPTION`.
 */
export function checkHandlers(websocket: unknown): void {
  checkOption(
    "websocket",
    websocket,
    isHandlers,
    "an object with message, and connect and disconnect or not",
  );
}

function isExtended(application: unknown): application is ExtendedApplication {
  return typeof application === "function" && extension in application;
}

function isHandlers(value: unknown): boolean {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  const { connect, message, disconnect }: Partial<Record<keyof WebSocketHandlers, unknown>> = value;
  return (
    typeof message === "function" &&
    [connect, disconnect].every((one) => one === undefined || typeof one === "function")
  );
}

function isSize(value: unknown): boolean {
  return typeof value === "number" && value > 0;
}
