import { DramError, explain } from "../../../core/mod.ts";
import { encodeFrame, FRAME, type Frame, textOf } from "./frames.ts";
import type { Dialogue, Worker } from "./worker.ts";

/** One request in a worker: what is asked is answered, one after the other. */
export class Call implements Dialogue {
  readonly #worker: Worker;
  readonly #id: number;
  readonly #timeout: number;
  readonly #onLog: (text: string) => void;
  #asking: { resolve(answer: Frame): void; reject(error: unknown): void } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lost: DramError | undefined;

  /**
   * @param timeout Milliseconds for an answer; 0 is none.
   * @param onLog Told what the application writes to `wsgi.errors`.
   */
  constructor(worker: Worker, timeout: number, onLog: (text: string) => void) {
    this.#worker = worker;
    this.#timeout = timeout;
    this.#onLog = onLog;
    this.#id = worker.begin(this);
  }

  /**
   * Sends a frame that is answered. Not to be called again before it is.
   *
   * @throws {DramError} `ERR_WORKER` if the worker is no more, `ERR_DEADLINE` if it took too long.
   */
  ask(type: string, ...content: Uint8Array[]): Promise<Frame> {
    return new Promise((resolve, reject) => {
      if (this.#lost !== undefined) {
        reject(this.#lost);
        return;
      }
      this.#worker.send(encodeFrame(type, this.#id, ...content));
      this.#asking = { resolve, reject };
      if (this.#timeout > 0) {
        this.#timer = setTimeout(() => this.#late(), this.#timeout);
      }
    });
  }

  /** The worker is free for another one. */
  end(): void {
    this.#worker.end(this.#id);
  }

  /** The worker does not keep to the protocol: nothing that it says can be made sense of any more. */
  fail(error: unknown): void {
    this.#worker.kill(explain(error));
  }

  take(frame: Frame): void {
    if (frame.type === FRAME.log) {
      this.#onLog(textOf(frame.content));
      return;
    }
    this.#settle()?.resolve(frame);
  }

  lose(error: DramError): void {
    this.#lost ??= error;
    this.#settle()?.reject(this.#lost);
  }

  #settle() {
    const asking = this.#asking;
    this.#asking = undefined;
    clearTimeout(this.#timer);
    return asking;
  }

  #late(): void {
    const late = `the application has taken more than ${this.#timeout} ms for one step`;
    this.lose(new DramError("ERR_DEADLINE", late));
    this.#worker.kill(late);
  }
}
