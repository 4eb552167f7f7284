import type { Client } from "./client.ts";

/** What a server that can stop has to know of its requests. */
export class Lifetime {
  /** Set once: from now on every answer closes its connection. */
  stopping = false;
  /** Whose response is not complete. */
  readonly clients: Set<Client> = new Set();
  readonly #pending = new Set<Promise<unknown>>();
  #onIdle: (() => void)[] = [];

  begin(client: Client): void {
    this.clients.add(client);
  }

  end(client: Client): void {
    this.clients.delete(client);
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
    if (this.clients.size === 0 && this.#pending.size === 0) {
      for (const resolve of this.#onIdle.splice(0)) {
        resolve();
      }
    }
  }
}
