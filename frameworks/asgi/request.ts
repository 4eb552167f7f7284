import { type ByteSource, DramError, EMPTY } from "../../core/mod.ts";
import type { AsgiReceive, HttpScope, WebSocketScope } from "./types.ts";

/** The client of a scope, as a gateway sees it: a body to read, and somebody who may leave. */
export class AsgiRequest implements ByteSource {
  readonly scope: HttpScope | WebSocketScope;
  readonly #receive: AsgiReceive;
  readonly #controller = new AbortController();
  #first: Uint8Array | undefined;
  #ended = false;
  #watched = false;
  #left = false;
  #onLeave: (() => void) | undefined;

  constructor(scope: HttpScope | WebSocketScope, receive: AsgiReceive) {
    this.scope = scope;
    this.#receive = receive;
  }

  /** `dram.signal`. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get left(): boolean {
    return this.#left;
  }

  /** The next part of the request body: asked for only when the application reads. */
  async read(): Promise<Uint8Array | null> {
    const first = this.#first;
    this.#first = undefined;
    if (first !== undefined) {
      return first;
    }
    while (!this.#ended) {
      const part = await this.#part();
      if (part.length > 0) {
        return part;
      }
    }
    return null;
  }

  cancel(): void {}

  /**
   * Waits for the client to leave, as far as no part of the body is taken in that nobody has asked for:
   * the events come one behind the other.
   */
  watch(onLeave?: () => void): void {
    if (onLeave !== undefined) {
      this.#onLeave = onLeave;
    }
    if (this.#watched) {
      return;
    }
    this.#watched = true;
    if (this.#ended) {
      this.#awaitDisconnect();
    } else if (!this.#announcesBody()) {
      this.#part().then(
        (part) => {
          if (part.length > 0) {
            this.#first = part;
          }
        },
        () => {},
      );
    }
  }

  leave(): void {
    if (!this.#left) {
      this.#left = true;
      this.#controller.abort(gone());
      this.#onLeave?.();
    }
  }

  async #part(): Promise<Uint8Array> {
    const event = await this.#receive();
    if (event.type !== "http.request") {
      this.#ended = true;
      this.leave();
      throw gone();
    }
    if (event.more_body !== true) {
      this.#ended = true;
      if (this.#watched) {
        this.#awaitDisconnect();
      }
    }
    return event.body ?? EMPTY;
  }

  async #awaitDisconnect(): Promise<void> {
    try {
      while ((await this.#receive()).type !== "http.disconnect") {
        // Nothing else is to be expected.
      }
      this.leave();
    } catch {
      // A server that has no such event.
    }
  }

  #announcesBody(): boolean {
    const { scope } = this;
    return scope.type === "http" && scope.method !== "GET" && scope.method !== "HEAD";
  }
}

function gone(): DramError {
  return new DramError("ERR_CLIENT_DISCONNECTED", "the ASGI server says that the client has left");
}
