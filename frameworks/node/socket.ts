import type { Socket } from "node:net";
import { Stream } from "node:stream";
import { DramError, type Environ, isAddress } from "../../core/mod.ts";
import type { Answer } from "./answer.ts";
import { MessageReader } from "./message.ts";
import { type Callback, HIGH_WATER_MARK, type Sink, Writes, type Written } from "./writes.ts";

/** Who is told of a connection before its listeners are. */
export interface SocketOwner {
  closed(): void;
  drained(): void;
  /** @returns Whether somebody has heard it. */
  timedOut(): boolean;
}

/**
 * The connection of one exchange as a listener sees it. What Node's `ServerResponse` writes to it is
 * HTTP/1.1, and is taken apart again: of all ways to its answer this depends least on what is inside
 * Node. Nothing is ever read from it.
 */
export class ListenerSocket extends Stream implements Sink {
  readonly connecting = false;
  readonly pending = false;
  readable = true;
  destroyed = false;
  closed = false;
  /** By this name Node's own response looks for it. */
  readonly _writableState: Writes = new Writes(this);
  /** Milliseconds; 0 for none. */
  timeout = 0;
  owner: SocketOwner | undefined;
  readonly #environ: Environ;
  readonly #answer: Answer;
  readonly #reader: MessageReader;
  #timer: NodeJS.Timeout | undefined;

  constructor(environ: Environ, answer: Answer) {
    super();
    this.#environ = environ;
    this.#answer = answer;
    this.#reader = new MessageReader(answer, environ.REQUEST_METHOD === "HEAD");
  }

  /**
   * The environ behind a connection; `undefined` for any other. Not in a WeakMap: with an entry for
   * each request an echo of 1 kB took 7 % more time in process, a small answer more than that.
   */
  static environOf(socket: object | undefined): Environ | undefined {
    return socket !== undefined && #environ in socket ? socket.#environ : undefined;
  }

  /** `true` under TLS, as `tls.TLSSocket` has it. */
  get encrypted(): true | undefined {
    return this.#environ["wsgi.url_scheme"] === "https" ? true : undefined;
  }

  /** Whether the client has shown a certificate that was verified; under TLS alone. */
  get authorized(): boolean | undefined {
    return this.encrypted && this.#environ.SSL_CLIENT_VERIFY === "SUCCESS";
  }

  get remoteAddress(): string | undefined {
    return this.#environ.REMOTE_ADDR;
  }

  get remotePort(): number | undefined {
    const { REMOTE_PORT: port } = this.#environ;
    return port === undefined ? undefined : Number(port);
  }

  get remoteFamily(): string | undefined {
    return familyOf(this.remoteAddress);
  }

  /** SERVER_NAME: an address where the gateway knows one, else a name. */
  get localAddress(): string {
    return this.#environ.SERVER_NAME.replace(/^\[|\]$/g, "");
  }

  get localPort(): number {
    return Number(this.#environ.SERVER_PORT);
  }

  get localFamily(): string | undefined {
    return familyOf(this.localAddress);
  }

  address(): { address: string; family: string | undefined; port: number } {
    return { address: this.localAddress, family: this.localFamily, port: this.localPort };
  }

  /** Ends the exchange because the listener has failed. */
  fail(error: unknown): void {
    this.#answer.fail(error);
    this.destroy();
  }

  get writable(): boolean {
    return !this.destroyed && !this._writableState.ended;
  }

  get writableEnded(): boolean {
    return this._writableState.ended;
  }

  get writableFinished(): boolean {
    return this._writableState.finished;
  }

  get writableLength(): number {
    return this._writableState.length;
  }

  get writableNeedDrain(): boolean {
    return this.writable && this._writableState.needsDrain;
  }

  get writableCorked(): number {
    return this._writableState.corked;
  }

  get writableHighWaterMark(): number {
    return HIGH_WATER_MARK;
  }

  write(
    chunk: string | Uint8Array,
    encoding?: BufferEncoding | Callback,
    then?: Callback,
  ): boolean {
    const callback = typeof encoding === "function" ? encoding : then;
    if (!this.writable) {
      process.nextTick(callback ?? ignore, writtenTooLate());
      return false;
    }
    return this._writableState.add({
      chunk,
      encoding: typeof encoding === "string" ? encoding : undefined,
      callback,
    });
  }

  cork(): void {
    this._writableState.corked++;
  }

  uncork(): void {
    const writes = this._writableState;
    if (writes.corked > 0) {
      writes.corked--;
      writes.flush();
    }
  }

  end(
    chunk?: string | Uint8Array | Callback,
    encoding?: BufferEncoding | Callback,
    then?: Callback,
  ): this {
    const callback = [chunk, encoding, then].find((argument) => typeof argument === "function");
    if (typeof chunk === "string" || chunk instanceof Uint8Array) {
      this.write(chunk, typeof encoding === "string" ? encoding : undefined);
    }
    if (callback !== undefined) {
      if (this.destroyed || this.writableFinished) {
        process.nextTick(callback);
      } else {
        this.once("finish", callback);
      }
    }
    if (!this.destroyed) {
      this._writableState.end();
    }
    return this;
  }

  take(written: readonly Written[], taken: () => void): void {
    this.#timer?.refresh();
    try {
      for (const { chunk, encoding } of written) {
        this.#reader.write(chunk, encoding ?? "utf8");
      }
    } catch (error) {
      this.fail(error);
    }
    this.#answer.afterWrite(taken);
  }

  drained(): void {
    this.owner?.drained();
    this.emit("drain");
  }

  finish(): void {
    if (this.destroyed) {
      return;
    }
    this.#reader.end();
    if (!this.#answer.isComplete) {
      // And never will be.
      this.#answer.fail(closed());
    }
    process.nextTick(() => this.emit("finish"));
  }

  destroy(error?: Error | null): this {
    if (this.destroyed) {
      return this;
    }
    this.destroyed = true;
    this.readable = false;
    clearTimeout(this.#timer);
    this._writableState.drop(() => error ?? writtenTooLate());
    if (this.#answer.isComplete) {
      // It is the tick behind "finish", in which Node's server closes its response.
      this.#close(error);
    } else {
      this.#answer.fail(error ?? closed());
      process.nextTick(() => this.#close(error));
    }
    return this;
  }

  #close(error: Error | null | undefined): void {
    if (error && this.listenerCount("error") > 0) {
      this.emit("error", error);
    }
    this.closed = true;
    this.owner?.closed();
    this.emit("close");
  }

  /** @param timeout Milliseconds in which nothing is written, then "timeout"; 0 for none. */
  setTimeout(timeout: number, callback?: () => void): this {
    clearTimeout(this.#timer);
    this.timeout = timeout;
    this.#timer =
      timeout > 0 && !this.destroyed
        ? setTimeout(() => this.#timedOut(), timeout).unref()
        : undefined;
    if (callback !== undefined) {
      this.once("timeout", callback);
    }
    return this;
  }

  #timedOut(): void {
    if (!this.owner?.timedOut()) {
      this.destroy();
    }
    this.emit("timeout");
  }

  /** Destroys it when everything that was written has been taken. */
  destroySoon(): void {
    this.end(() => this.destroy());
  }

  resetAndDestroy(): this {
    return this.destroy();
  }

  // What a TCP connection has besides, and what makes no difference to this one.
  setNoDelay(): this {
    return this;
  }

  setEncoding(): this {
    return this;
  }

  pause(): this {
    return this;
  }

  resume(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

/**
 * A socket of ours where Node's types want a `net.Socket`. Node itself wants no more than a stream that
 * can be written to as one.
 */
export function asSocket(socket: Stream): Socket {
  return socket as Socket;
}

function closed(): DramError {
  return new DramError(
    "ERR_CLOSED",
    "the listener closed its connection before its response was complete",
  );
}

function writtenTooLate(): Error {
  const error = new Error("the connection has ended");
  return Object.assign(error, { code: "ERR_STREAM_DESTROYED" });
}

function ignore(): void {}

function familyOf(address: string | undefined): "IPv4" | "IPv6" | undefined {
  if (address === undefined || !isAddress(address)) {
    return undefined;
  }
  return address.includes(":") ? "IPv6" : "IPv4";
}
