import type { Body, Environ, HeaderList } from "./types.ts";

/** One message: text, or bytes. */
export type WebSocketData = string | Uint8Array;

/**
 * What an application does with WebSockets. One event is one call, so that the same handlers serve
 * platforms that keep a connection in one process (Node, Deno), that wake an object for each message
 * (Durable Objects that hibernate), and that invoke a function for each (API Gateway). What must live
 * from one event to the next belongs into `connection.attachment`.
 *
 * For one connection the handlers run one after the other, in the order of the events: while the
 * promise of one is pending, no other begins, and platforms that can stop reading do. A handler that
 * throws is logged, and closes its connection with 1011; an error in `connect` is answered 500.
 */
export interface WebSocketHandlers {
  /**
   * Decides on a handshake, which waits for it: nothing accepts as is, `{ subprotocol, headers }`
   * accepts with these, `{ status, headers, body }` denies with a response of its own. Without this
   * handler every handshake is accepted.
   *
   * @param environ Of the request, as every request has it; `wsgi.url_scheme` is `http` or `https`.
   *   Its `dram.signal` aborts if the client leaves before the decision.
   */
  connect?(
    connection: WebSocketConnection,
    environ: Environ,
    // biome-ignore lint/suspicious/noConfusingVoidType: an async handler may return nothing, too
  ): void | WebSocketAnswer | Promise<void | WebSocketAnswer>;
  /** @param data A whole message, whatever the frames it came in. */
  /** Called for one message at a time, in their order. */
  message(connection: WebSocketConnection, data: WebSocketData): void | Promise<void>;
  /**
   * Called once for every connection that was accepted, when it is over, whoever has ended it.
   *
   * @param code As the client closed it: 1005 if it gave none; 1006 for an end without a closing
   *   handshake, on every platform.
   * @param reason `""` if none was given.
   */
  disconnect?(connection: WebSocketConnection, code: number, reason: string): void | Promise<void>;
}

/** What `connect` may return. */
export type WebSocketAnswer = WebSocketAcceptance | WebSocketDenial | undefined;

/** Accepts a handshake. */
export interface WebSocketAcceptance {
  /** One of those that the client has offered in `Sec-WebSocket-Protocol`. */
  readonly subprotocol?: string | undefined;
  /** Further headers, checked as those of any response; none of `Sec-WebSocket-*`. */
  readonly headers?: HeaderList | undefined;
  /** What has a status is a denial. */
  readonly status?: undefined;
  /** A body is for a denial only. */
  readonly body?: undefined;
}

/** Denies a handshake: what an application would say by `startResponse` and return. */
export interface WebSocketDenial {
  /** `"401 Unauthorized"`. Not 101. */
  readonly status: string;
  /** Default: none, and the gateway adds what the body needs. */
  readonly headers?: HeaderList | undefined;
  /** Default: none. Closed by the gateway. */
  readonly body?: Body | undefined;
}

/**
 * One connection, as handlers see it. On platforms that keep it in one process it is one object from
 * `connect` to `disconnect`; elsewhere each event has a new one of the same `id` and `attachment`.
 */
export interface WebSocketConnection {
  /** The same in all events of this connection, and of no other. */
  readonly id: string;
  /**
   * The application's own. Let it be a value that can be cloned (JSON on API Gateway): platforms that
   * do not keep the connection in one process store what it is when a handler ends.
   */
  attachment: unknown;
  /**
   * The open connections that this one can talk to, itself among them: those of the process, of the
   * Durable Object. `undefined` where the platform keeps no list (API Gateway).
   */
  readonly peers: Iterable<WebSocketConnection> | undefined;
  /**
   * Sends one message. Bytes belong to the gateway afterwards. A message sent by `connect` follows
   * the handshake; its promise resolves at once, and it is dropped if the handshake is denied. On API
   * Gateway, which takes a connection only when `connect` is over, that is an error, and so are bytes.
   *
   * @returns Resolves when there is room for more, where the platform tells (back-pressure). Rejects
   *   with `ERR_CLIENT_DISCONNECTED` if the connection is over. A promise that nobody awaits loses
   *   neither the message nor the order, and is no unhandled rejection.
   * @throws {DramError} `ERR_MESSAGE_TYPE` at once, for anything but a string or a Uint8Array;
   *   `ERR_NOT_OPEN` in `connect`, where the platform cannot.
   */
  send(data: WebSocketData): Promise<void>;
  /**
   * Closes the connection; `disconnect` is still to come, `message` is not. Later calls do nothing.
   *
   * @param code 1000 (default), 3000 to 4999, or one that RFC 6455 lets an endpoint send: 1001 to
   *   1003, 1007 to 1014. Browsers' own API, which Deno has, sends 1000 and 3000 to 4999 only; API
   *   Gateway sends a code of its own.
   * @param reason At most 123 bytes in UTF-8.
   * @throws {DramError} `ERR_CLOSE_CODE`; `ERR_NOT_OPEN` as `send`.
   */
  close(code?: number, reason?: string): void;
}
