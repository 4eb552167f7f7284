import type { DramError, Entry } from "../../core/mod.ts";

/** The other end of one exchange: what is to be told when it leaves before its response is complete. */
export class Peer {
  /** Its place among those in flight; the lifetime's affair. */
  entry: Entry<this> | undefined;
  readonly #controller = new AbortController();
  #left = false;
  #onLeave: ((reason: unknown) => void)[] | undefined;

  /** `dram.signal`. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** There is nobody any more to send to. */
  get left(): boolean {
    return this.#left;
  }

  /** Calls back at most once, with the reason, unless the exchange ends well. */
  onLeave(callback: (reason: unknown) => void): void {
    this.#onLeave ??= [];
    this.#onLeave.push(callback);
  }

  /** Ends the exchange from this side; the transport is the caller's affair. */
  leave(reason: DramError): void {
    if (this.#left) {
      return;
    }
    this.#left = true;
    // The signal first, for an application that ends by itself at it.
    this.#controller.abort(reason);
    for (const callback of this.#onLeave ?? []) {
      callback(reason);
    }
  }
}
