import type { ByteSource } from "../../core/mod.ts";
import { MAX_QUEUED_BODY } from "./limits.ts";

interface Waiting {
  readonly resolve: (chunk: Uint8Array | null) => void;
  readonly reject: (error: unknown) => void;
}

/** The chunks of a request body that have come and that the application has not read yet. */
export class BodyQueue implements Pick<ByteSource, "read"> {
  readonly #resume: () => void;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #ended = false;
  #unwanted = false;
  #failure: { readonly error: unknown } | undefined;
  #waiting: Waiting | undefined;

  /** @param resume The application waits: more is to come, if the source was told to pause. */
  constructor(resume: () => void) {
    this.#resume = resume;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** @returns False if nobody asks for more: the source is to pause. */
  push(chunk: Uint8Array): boolean {
    const waiting = this.#waiting;
    if (waiting !== undefined) {
      this.#waiting = undefined;
      waiting.resolve(chunk);
      return true;
    }
    if (this.#unwanted) {
      return true;
    }
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    return this.#size < MAX_QUEUED_BODY;
  }

  /** The body is complete. */
  end(): void {
    this.#ended = true;
    this.#waiting?.resolve(null);
    this.#waiting = undefined;
  }

  /** The rest of the body will never come. What has come can still be read. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }

  read(): Promise<Uint8Array | null> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#size -= chunk.length;
      return Promise.resolve(chunk);
    }
    if (this.#failure !== undefined) {
      return Promise.reject(this.#failure.error);
    }
    if (this.#ended) {
      return Promise.resolve(null);
    }
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#resume();
    });
  }

  /** Nothing more will be read: what has come and what still comes is dropped. */
  drop(): void {
    this.#unwanted = true;
    this.#chunks = [];
    this.#size = 0;
  }
}
