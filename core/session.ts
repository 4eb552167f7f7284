import { encodeUtf8, isBytes } from "./bytes.ts";
import { asDramError, DramError, describe, explain, isDisconnect } from "./errors.ts";
import { logLine } from "./log.ts";
import { ignore, isThenable } from "./thenable.ts";
import type { ErrorStream } from "./types.ts";
import type { WebSocketConnection, WebSocketData, WebSocketHandlers } from "./websocket.ts";

/** What a session needs of its platform once the handshake is done. */
export interface WebSocketTransport {
  /**
   * Sends one message. A promise, if the platform tells of back-pressure: resolves when there is room
   * for more. Throws or rejects if the connection is over; with a DramError, if it is for another reason.
   */
  send(data: WebSocketData): void | Promise<void>;
  /** Begins the closing handshake; `WebSocketSession.ended` is to follow, whatever the client does. */
  close(code: number, reason: string): void;
  /** Stops reading from the client, and goes on, where the platform can. */
  pause?(): void;
  /** The other half of `pause`. */
  resume?(): void;
  /** Stores the attachment, called after each handler that leaves one, or none after one. */
  keep?(attachment: unknown): void | Promise<void>;
}

/** What an adapter knows of a connection before its first event. */
export interface SessionOptions {
  /** Checked by `checkHandlers`. */
  readonly handlers: WebSocketHandlers;
  /** What `WebSocketConnection.id` is to be. */
  readonly id: string;
  /** Where a line about a handler that has failed goes. */
  readonly errors: ErrorStream;
  /** REQUEST_URI, for that line; where it is not known any more, what names the connection. */
  readonly uri: string;
  /** Bytes of a message from the client; more closes the connection with 1009. `Infinity` if the platform checks. */
  readonly maxMessageSize: number;
  /** What `WebSocketConnection.peers` is to be. */
  readonly peers?: Iterable<WebSocketConnection>;
  /**
   * Why `connect` can neither send nor close, where the platform completes the handshake behind it and
   * leaves no time for more.
   */
  readonly notBeforeOpen?: string;
}

/**
 * One connection between its handlers and its platform: order, one handler at a time, codes, errors.
 *
 * An adapter makes one, has `decide` ask `connect`, and then calls `open` once and `receive` and
 * `ended` for each event. One that is woken for a single event makes it anew, sets `attachment`, and
 * calls `open` and then the one that is due. What `receive` and `ended` return is the handler's
 * promise, which never rejects: an invocation that ends must wait for it.
 */
export class WebSocketSession implements WebSocketConnection {
  /** Set by an adapter before `open`, where it has kept one. */
  attachment: unknown;
  readonly #options: SessionOptions;
  #transport: WebSocketTransport | undefined;
  #waiting: WebSocketData[] | undefined;
  #closing: { readonly code: number; readonly reason: string } | undefined;
  #ended = false;
  #kept = false;
  /** The platform has refused to send: the client has left, and its end is still to be told. */
  #refused = false;
  #last: Promise<void> | undefined;
  #queued = 0;

  /** One for each connection, or for each event where nothing lives longer. */
  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** The same in all events of this connection. */
  get id(): string {
    return this.#options.id;
  }

  /** What a line of the log calls it. */
  get uri(): string {
    return this.#options.uri;
  }

  /** For `decide`, which asks `connect`. */
  get handlers(): WebSocketHandlers {
    return this.#options.handlers;
  }

  /** The open connections that this one can talk to, where the platform has a list. */
  get peers(): Iterable<WebSocketConnection> | undefined {
    return this.#options.peers;
  }

  /** Before `open` it waits for the handshake, as `WebSocketConnection` says. */
  send(data: WebSocketData): Promise<void> {
    const message = asMessage(data);
    if (this.#closing !== undefined || this.#ended) {
      return rejected(new DramError("ERR_CLIENT_DISCONNECTED", "the connection is closed"));
    }
    if (this.#transport === undefined) {
      this.#checkOpen("send");
      this.#waiting ??= [];
      this.#waiting.push(message);
      return SENT;
    }
    try {
      const taken = this.#transport.send(message);
      return taken === undefined ? SENT : this.#guarded(taken);
    } catch (cause) {
      return rejected(this.#gone(cause));
    }
  }

  #guarded(taken: Promise<void>): Promise<void> {
    const sent = taken.catch((cause: unknown) => {
      throw this.#gone(cause);
    });
    // A message that nobody awaits must not become an unhandled rejection when the client leaves.
    sent.catch(ignore);
    return sent;
  }

  /** What a transport throws is the client's leaving, unless it says better. */
  #gone(cause: unknown): DramError {
    const error =
      asDramError(cause) ??
      new DramError("ERR_CLIENT_DISCONNECTED", "the message could not be sent", { cause });
    this.#refused ||= isDisconnect(error);
    return error;
  }

  /** Before `open` it closes at once behind the handshake. */
  close(code = 1000, reason = ""): void {
    checkClose(code, reason);
    if (this.#transport === undefined) {
      this.#checkOpen("close");
    }
    this.shut(code, reason);
  }

  /** `close` for the gateway itself, which may say more: 1001, 1009, 1011. */
  shut(code: number, reason: string): void {
    if (this.#closing !== undefined || this.#ended) {
      return;
    }
    this.#closing = { code, reason };
    if (this.#transport !== undefined) {
      this.#transport.close(code, reason);
      // The client's own close frame is behind the messages that were held back.
      this.#transport.resume?.();
    }
  }

  /** The handshake is done: what `connect` has sent leaves. */
  open(transport: WebSocketTransport): void {
    const waiting = this.#waiting ?? [];
    const closing = this.#closing;
    this.#waiting = undefined;
    this.#closing = undefined;
    this.#transport = transport;
    for (const message of waiting) {
      this.send(message);
    }
    if (closing !== undefined) {
      this.shut(closing.code, closing.reason);
    }
    this.#keep();
  }

  /**
   * A message has come: its handler runs now, or behind those before it.
   *
   * @returns A promise unless the handler is over.
   */
  receive(data: WebSocketData): void | Promise<void> {
    if (isLarger(data, this.#options.maxMessageSize)) {
      this.shut(1009, "");
      return;
    }
    return this.#enqueue(() =>
      this.#closing === undefined ? this.handlers.message(this, data) : undefined,
    );
  }

  /**
   * The connection is over. Messages that came before are still handled, unless this side has closed.
   *
   * @param code As the platform tells it; 0 or `undefined` is 1006.
   * @returns A promise unless `disconnect` is over.
   */
  ended(code: number | undefined, reason = ""): void | Promise<void> {
    if (this.#ended) {
      return;
    }
    this.#ended = true;
    const told = code || 1006;
    // Some platforms have words of their own for an end that nobody gave a reason for.
    return this.#enqueue(() => this.handlers.disconnect?.(this, told, told === 1006 ? "" : reason));
  }

  #checkOpen(method: string): void {
    const { notBeforeOpen } = this.#options;
    if (notBeforeOpen !== undefined) {
      throw new DramError("ERR_NOT_OPEN", `${method}: ${notBeforeOpen}`);
    }
  }

  #enqueue(step: () => unknown): void | Promise<void> {
    const earlier = this.#last;
    const running =
      earlier === undefined ? this.#attempt(step) : earlier.then(() => this.#attempt(step));
    if (running === undefined) {
      return;
    }
    if (earlier !== undefined && this.#queued++ === 0) {
      this.#transport?.pause?.();
    }
    const last = running.then(() => {
      if (earlier !== undefined && --this.#queued === 0) {
        this.#transport?.resume?.();
      }
      if (this.#last === last) {
        this.#last = undefined;
      }
    });
    this.#last = last;
    return last;
  }

  /** Never throws or rejects. */
  #attempt(step: () => unknown): Promise<void> | undefined {
    try {
      const result = step();
      if (isThenable(result)) {
        return Promise.resolve(result).then(
          () => this.#keep(),
          (error: unknown) => this.#fail(error),
        );
      }
      return this.#keep();
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  /** Never throws or rejects. */
  #keep(): Promise<void> | undefined {
    const isNew = this.attachment !== undefined || this.#kept;
    if (!isNew || this.#ended || this.#transport?.keep === undefined) {
      return undefined;
    }
    this.#kept = true;
    try {
      const kept = this.#transport.keep(this.attachment);
      return kept?.catch((error: unknown) => this.#fail(error));
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  #fail(error: unknown): void {
    // Only if it is this client that has left: a handler may have been sending to another one.
    if (!(isDisconnect(error) && (this.#ended || this.#refused))) {
      const { errors, uri } = this.#options;
      logLine(errors, "WebSocket", uri, undefined, explain(error));
    }
    this.shut(1011, "");
  }
}

const SENT: Promise<void> = Promise.resolve();

function asMessage(data: unknown): WebSocketData {
  if (typeof data === "string" || isBytes(data)) {
    return data;
  }
  throw new DramError(
    "ERR_MESSAGE_TYPE",
    `send: the message is ${describe(data)}; wanted a string or a Uint8Array`,
  );
}

function checkClose(code: unknown, reason: unknown): void {
  if (typeof code !== "number" || !isCloseCode(code)) {
    throw new DramError(
      "ERR_CLOSE_CODE",
      `close: the code is ${typeof code === "number" ? code : describe(code)}; wanted 1000 to 1003, 1007 to 1014 or 3000 to 4999`,
    );
  }
  const length = typeof reason === "string" ? encodeUtf8(reason).length : undefined;
  if (length === undefined || length > 123) {
    const found = length === undefined ? describe(reason) : `${length} bytes long`;
    throw new DramError(
      "ERR_CLOSE_CODE",
      `close: the reason is ${found}; wanted a string of at most 123 bytes in UTF-8`,
    );
  }
}

/** Those that an endpoint may send (RFC 6455 §7.4.2, and IANA's registry). */
function isCloseCode(code: number): boolean {
  return (
    Number.isInteger(code) &&
    ((code >= 1000 && code <= 1003) ||
      (code >= 1007 && code <= 1014) ||
      (code >= 3000 && code <= 4999))
  );
}

/** Without encoding a text that is short enough whatever it holds. */
function isLarger(data: WebSocketData, limit: number): boolean {
  if (typeof data === "string" && data.length * 3 > limit) {
    return data.length > limit || encodeUtf8(data).length > limit;
  }
  return data.length > limit;
}

function rejected(error: DramError): Promise<never> {
  const promise = Promise.reject(error);
  promise.catch(ignore);
  return promise;
}
