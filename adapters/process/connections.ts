import type { WebSocketConnection, WebSocketSession } from "../../core/mod.ts";

/** The WebSockets that are open in this process, each with what its platform has for it. */
export class Connections<Socket> {
  readonly #open = new Map<WebSocketSession, Socket>();
  #stopping = false;
  #onEmpty: (() => void) | undefined;

  get size(): number {
    return this.#open.size;
  }

  get sockets(): Iterable<Socket> {
    return this.#open.values();
  }

  /** For `peers` of each of them. */
  get sessions(): Iterable<WebSocketConnection> {
    return { [Symbol.iterator]: () => this.#open.keys() };
  }

  /** To be called when its session is open. */
  add(session: WebSocketSession, socket: Socket): void {
    this.#open.set(session, socket);
    if (this.#stopping) {
      session.shut(1001, "");
    }
  }

  delete(session: WebSocketSession): void {
    this.#open.delete(session);
    this.#checkEmpty();
  }

  /** Closes all with 1001, and those that come late. Resolves when none is left. */
  stop(): Promise<void> {
    this.#stopping = true;
    for (const session of this.#open.keys()) {
      session.shut(1001, "");
    }
    return new Promise((resolve) => {
      this.#onEmpty = resolve;
      this.#checkEmpty();
    });
  }

  #checkEmpty(): void {
    if (this.#open.size === 0) {
      this.#onEmpty?.();
    }
  }
}
