import { type Body, DramError } from "../../core/mod.ts";

interface Offer {
  readonly chunk: Uint8Array;
  readonly taken: () => void;
  readonly refused: (error: DramError) => void;
}

/**
 * A body that somebody else fills chunk by chunk: each is taken before the next is asked for, so that
 * back-pressure reaches the one who sends.
 */
export class Channel {
  readonly body: Body;
  readonly #onClose: () => Promise<void> | undefined;
  #offers: Offer[] = [];
  #taken: (() => void) | undefined;
  #waiting:
    | { resolve(result: IteratorResult<Uint8Array>): void; reject(error: unknown): void }
    | undefined;
  #end: { readonly error?: unknown } | undefined;
  #closed = false;

  /** @param onClose Called once, when the gateway wants no more; it waits for the promise. */
  constructor(onClose: () => Promise<void> | undefined) {
    this.#onClose = onClose;
    this.body = {
      [Symbol.asyncIterator]: () => ({ next: () => this.#next() }),
      close: () => this.#close(),
    };
  }

  /** Resolves when the gateway comes back for the next chunk. */
  put(chunk: Uint8Array): Promise<void> {
    return new Promise((taken, refused) => {
      if (this.#closed) {
        refused(disconnected());
        return;
      }
      this.#offers.push({ chunk, taken, refused });
      this.#deliver();
    });
  }

  /** Ends the body behind what was put; with an error, it breaks there. */
  end(end: { readonly error?: unknown } = {}): void {
    this.#end ??= end;
    this.#deliver();
  }

  #next(): Promise<IteratorResult<Uint8Array>> {
    this.#taken?.();
    this.#taken = undefined;
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#deliver();
    });
  }

  #deliver(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) {
      return;
    }
    const offer = this.#offers.shift();
    if (offer !== undefined) {
      this.#waiting = undefined;
      this.#taken = offer.taken;
      waiting.resolve({ done: false, value: offer.chunk });
    } else if (this.#end !== undefined) {
      this.#waiting = undefined;
      if ("error" in this.#end) {
        waiting.reject(this.#end.error);
      } else {
        waiting.resolve({ done: true, value: undefined });
      }
    }
  }

  #close(): Promise<void> {
    this.#closed = true;
    this.#taken?.();
    for (const { refused } of this.#offers.splice(0)) {
      refused(disconnected());
    }
    this.#waiting?.resolve({ done: true, value: undefined });
    this.#waiting = undefined;
    return this.#onClose() ?? DONE;
  }
}

const DONE: Promise<void> = Promise.resolve();

/** The client has left, or takes nothing more: what `send` of ASGI rejects with. */
export function disconnected(): DramError {
  return new DramError("ERR_CLIENT_DISCONNECTED", "the client takes nothing more of this response");
}
