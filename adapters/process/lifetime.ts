import type { Peer } from "./peer.ts";

/** What a server that can stop has to know of its requests. */
export class Lifetime<Kind extends Peer = Peer> {
  /** Whose response is not complete. */
  readonly peers: Set<Kind> = new Set();
  readonly #pending = new Set<Promise<unknown>>();
  #stopping = false;
  #onStop: (() => void)[] = [];
  #onIdle: (() => void)[] = [];

  /** From now on every answer closes its connection. */
  get stopping(): boolean {
    return this.#stopping;
  }

  stop(): void {
    this.#stopping = true;
    for (const callback of this.#onStop) {
      callback();
    }
  }

  /** Calls back when the server begins to stop. */
  onStop(callback: () => void): void {
    this.#onStop.push(callback);
  }

  begin(peer: Kind): void {
    this.peers.add(peer);
  }

  end(peer: Kind): void {
    this.peers.delete(peer);
    this.#check();
  }

  /** Keeps the server from stopping within its grace time. The promise never rejects. */
  readonly waitUntil = (promise: Promise<unknown>): void => {
    this.#pending.add(promise);
    promise.finally(() => {
      this.#pending.delete(promise);
      this.#check();
    });
  };

  /** Resolves when nothing is left to do: no response, and no work given to `waitUntil`. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle.push(resolve);
      this.#check();
    });
  }

  #check(): void {
    if (this.peers.size === 0 && this.#pending.size === 0) {
      for (const resolve of this.#onIdle.splice(0)) {
        resolve();
      }
    }
  }
}
