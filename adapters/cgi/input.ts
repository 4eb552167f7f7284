import type { ByteSource } from "../../core/mod.ts";
import { BodyQueue } from "../process/mod.ts";
import { MAX_READ_AHEAD } from "./limits.ts";

/** The request body on standard input, which is opened when somebody asks. */
export class StandardInput implements ByteSource {
  readonly #queue = new BodyQueue(() => this.#resume());
  /** Bytes announced that have not come. */
  #missing: number;
  /** Bytes that may yet come unasked. */
  #ahead = 0;
  #opened = false;
  #onEnd: (() => void)[] = [];

  /**
   * @param length Bytes announced, behind which nothing is read: the server may keep the pipe open.
   *   Infinity for a body up to the end of the pipe.
   */
  constructor(length: number) {
    this.#missing = length;
    if (length === 0) {
      this.#queue.end();
    }
  }

  read(): Promise<Uint8Array | null> {
    return this.#queue.read();
  }

  /** Reads into memory what nobody has asked for yet, so that the server gets rid of it. */
  readAhead(): void {
    this.#ahead = MAX_READ_AHEAD;
    this.#resume();
  }

  /**
   * What is left is read, but not kept. It must be: a Unix socket that is closed on unread bytes, as
   * mod_cgid's is, breaks the response that the server has not read yet.
   */
  cancel(): void {
    this.#queue.drop();
    this.#resume();
  }

  /** Resolves when nothing more is to come. */
  ended(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#missing > 0) {
        this.#onEnd.push(resolve);
      } else {
        resolve();
      }
    });
  }

  #resume(): void {
    if (this.#missing <= 0) {
      return;
    }
    const { stdin } = process;
    if (!this.#opened) {
      this.#opened = true;
      stdin.on("data", (chunk: Uint8Array) => this.#take(chunk));
      stdin.once("end", () => this.#end());
      stdin.once("error", (error) => {
        this.#queue.fail(error);
        this.#end();
      });
    }
    stdin.resume();
  }

  #take(chunk: Uint8Array): void {
    this.#missing -= chunk.length;
    if (!this.#queue.push(chunk)) {
      this.#ahead -= chunk.length;
      if (this.#ahead <= 0) {
        process.stdin.pause();
      }
    }
    if (this.#missing <= 0) {
      this.#end();
    }
  }

  #end(): void {
    this.#missing = 0;
    this.#queue.end();
    process.stdin.pause();
    for (const done of this.#onEnd.splice(0)) {
      done();
    }
  }
}
