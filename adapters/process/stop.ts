import { DramError, Roster } from "../../core/mod.ts";
import type { Lifetime } from "./lifetime.ts";
import { ABORT_TIME } from "./limits.ts";
import { within } from "./within.ts";

/** What a stopping server closes: its connections, and the sessions of HTTP/2. */
interface Closable {
  once(event: "close", listener: () => void): unknown;
  destroy(): void;
}

/** Any server of Node's. `close` takes no more connections, and closes the idle ones. */
interface Stoppable {
  on(event: "connection", listener: (connection: Closable) => void): unknown;
  once(event: "close", listener: () => void): unknown;
  close(): unknown;
}

/** The way of a server from serving to gone. */
export class Stop {
  /** Resolves when the server has closed: true if nothing in flight was cut. */
  readonly closed: Promise<boolean>;
  readonly #server: Stoppable;
  readonly #lifetime: Lifetime;
  readonly #graceTime: number;
  readonly #connections = new Roster<Closable>();
  /** When the grace time is over, by `performance.now()`; not known before the server stops. */
  #deadline: number | undefined;
  #clean = true;

  constructor(server: Stoppable, lifetime: Lifetime, graceTime: number) {
    this.#server = server;
    this.#lifetime = lifetime;
    this.#graceTime = graceTime;
    server.on("connection", (socket: Closable) => {
      const entry = this.#connections.add(socket);
      socket.once("close", () => this.#connections.remove(entry));
    });
    this.closed = new Promise((resolve) => {
      server.once("close", () => {
        this.#finish().then(resolve);
      });
    });
  }

  /** Stops in order: later calls wait for the first one. */
  stop(): Promise<boolean> {
    if (!this.#lifetime.stopping) {
      this.#lifetime.stop();
      // Takes no more connections, closes the idle ones, and says GOAWAY on HTTP/2.
      this.#server.close();
      this.#deadline = performance.now() + this.#graceTime;
      this.#drain();
    }
    return this.closed;
  }

  async #drain(): Promise<void> {
    await within(this.#lifetime.idle(), this.#graceTime);
    this.#abort();
    for (const connection of this.#connections) {
      connection.destroy();
    }
  }

  /** For what the grace time was not enough. */
  #abort(): void {
    for (const peer of this.#lifetime.peers) {
      this.#clean = false;
      peer.leave(
        new DramError(
          "ERR_ABORTED",
          `the server stops, and the response was not complete within ${this.#graceTime} ms`,
        ),
      );
    }
  }

  /** The last `close()` and `dram.wait_until` of what was in flight. */
  async #finish(): Promise<boolean> {
    // Somebody else may have closed the server: then the grace time begins now.
    const left =
      this.#deadline === undefined ? this.#graceTime : this.#deadline - performance.now();
    const done = await within(this.#lifetime.idle(), Math.max(left, ABORT_TIME));
    return this.#clean && done;
  }
}
