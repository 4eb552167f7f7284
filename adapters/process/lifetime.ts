import { Roster } from "../../core/mod.ts";
import type { Peer } from "./peer.ts";

/** What a server that can stop has to know of its requests. */
export class Lifetime<Kind extends Peer = Peer> {
  readonly #peers = new Roster<Kind>();
  /** Promises given to `waitUntil` that have not settled. */
  #pending = 0;
  #stopping = false;
  #onStop: (() => void)[] = [];
  #onIdle: (() => void)[] = [];

  /** Whose response is not complete, in the order of their requests. */
  get peers(): Iterable<Kind> {
    return this.#peers;
  }

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
    peer.entry = this.#peers.add(peer);
  }

  /** Also for one that has not begun. */
  end(peer: Kind): void {
    if (peer.entry !== undefined) {
      this.#peers.remove(peer.entry);
      peer.entry = undefined;
    }
    this.#check();
  }

  /** Keeps the server from stopping within its grace time. The promise never rejects. */
  readonly waitUntil = (promise: Promise<unknown>): void => {
    this.#pending++;
    promise.finally(() => {
      this.#pending--;
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
    if (this.#peers.isEmpty && this.#pending === 0) {
      for (const resolve of this.#onIdle.splice(0)) {
        resolve();
      }
    }
  }
}
