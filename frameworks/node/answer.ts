import {
  type Body,
  DramError,
  EMPTY,
  type Environ,
  explain,
  type HeaderList,
  type StartResponse,
} from "../../core/mod.ts";
import type { MessageParts } from "./message.ts";

/** What a listener answers, as an application does: a call of `startResponse`, and a body. */
export class Answer implements MessageParts {
  readonly #environ: Environ;
  readonly #startResponse: StartResponse;
  #head: { readonly status: string; readonly headers: HeaderList } | undefined;
  #chunked = false;
  /** Written, and not taken by the gateway yet. */
  #chunks: Uint8Array[] = [];
  #complete = false;
  #failure: { readonly error: unknown } | undefined;
  #signal: Environ["dram.signal"];
  /** The application has returned a promise, which waits for the head. */
  #returned: Waiting<Body> | undefined;
  /** The gateway waits for a chunk. */
  #asked: Waiting<IteratorResult<Uint8Array, undefined>> | undefined;
  /** There were bytes in the last write, and the gateway has not come back from them. */
  #untaken = false;
  #onTaken: (() => void) | undefined;
  #onLeave: (() => void) | undefined;

  constructor(environ: Environ, startResponse: StartResponse) {
    this.#environ = environ;
    this.#startResponse = startResponse;
  }

  /** All of it has been written. */
  get isComplete(): boolean {
    return this.#complete;
  }

  /**
   * What the application returns, once the listener has: without a promise, if all of it is there.
   *
   * @param leave Called at most once, when the client or the gateway has left before the end.
   */
  toBody(leave: () => void): Body | Promise<Body> {
    if (this.#failure !== undefined) {
      throw this.#failure.error;
    }
    if (this.#complete) {
      this.#start();
      return this.#whole();
    }
    this.#onLeave = leave;
    this.#signal = this.#environ["dram.signal"];
    this.#signal?.addEventListener("abort", this.#abort);
    return new Promise((resolve, reject) => {
      this.#returned = { resolve, reject };
      if (this.#signal?.aborted) {
        this.#abort();
      }
      this.#headLeaves();
    });
  }

  interim(status: number, headers: HeaderList): void {
    // "100 Continue" is the gateway's own, and leaves when the body is read.
    if (status === 103) {
      this.#attempt(() => this.#environ["wsgi.early_hints"]?.(headers));
    }
  }

  head(status: number, reason: string, headers: HeaderList, chunked: boolean): void {
    this.#head = { status: `${status} ${reason}`, headers };
    this.#chunked = chunked;
  }

  data(chunk: Uint8Array): void {
    this.#untaken = true;
    if (this.#asked === undefined) {
      this.#chunks.push(chunk);
    } else {
      this.#asked.resolve({ done: false, value: chunk });
      this.#asked = undefined;
    }
  }

  complete(trailers: HeaderList): void {
    if (trailers.length > 0) {
      this.#attempt(() => this.#environ["dram.trailers"]?.(trailers));
    }
    this.end();
  }

  /** Nothing more will be written. Whether it was enough is for the gateway to say. */
  end(): void {
    if (this.#isOver) {
      return;
    }
    this.#complete = true;
    this.#over();
    this.#asked?.resolve({ done: true, value: undefined });
    this.#headLeaves();
  }

  /** The response will never be complete; what has been written is still sent. The first error counts. */
  fail(error: unknown): void {
    if (this.#isOver) {
      return;
    }
    this.#failure = { error };
    this.#over();
    this.#returned?.reject(error);
    this.#returned = undefined;
    this.#asked?.reject(error);
  }

  /** For what can be answered no more. */
  log(error: unknown): void {
    this.#environ["wsgi.errors"].write(`dram: fromNode: ${explain(error)}\n`);
  }

  /** To be called behind each write. Calls back when the next one is wanted. */
  afterWrite(taken: () => void): void {
    this.#headLeaves();
    if (!this.#untaken || this.#isOver) {
      taken();
    } else {
      this.#onTaken = taken;
    }
  }

  get #isOver(): boolean {
    return this.#complete || this.#failure !== undefined;
  }

  /** The head leaves with the first bytes; alone, if none come with it: `flushHeaders()`. */
  #headLeaves(): void {
    if (this.#returned !== undefined && this.#head !== undefined) {
      this.#settle(this.#returned);
    }
  }

  #settle({ resolve, reject }: Waiting<Body>): void {
    this.#returned = undefined;
    try {
      const write = this.#start();
      if (this.#complete) {
        resolve(this.#whole());
        return;
      }
      if (this.#chunks.length === 0) {
        write(EMPTY);
      }
      resolve({
        [Symbol.asyncIterator]: () => ({ next: () => this.#next() }),
        close: () => this.#abort(),
      });
    } catch (error) {
      reject(error);
      this.#leave(error);
    }
  }

  /** An iterator, if the listener has given no length: a gateway makes one of an array. */
  #whole(): Body {
    return this.#chunked ? this.#chunks.values() : this.#chunks;
  }

  #start(): ReturnType<StartResponse> {
    const { status, headers } = this.#head ?? { status: "", headers: [] };
    return this.#startResponse(status, headers);
  }

  #next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#chunks.length === 0) {
      this.#takeMore();
    }
    const value = this.#chunks.shift();
    if (value !== undefined) {
      return Promise.resolve({ done: false, value });
    }
    if (this.#failure !== undefined) {
      return Promise.reject(this.#failure.error);
    }
    if (this.#complete) {
      return Promise.resolve({ done: true, value: undefined });
    }
    return new Promise((resolve, reject) => {
      this.#asked = { resolve, reject };
    });
  }

  /** What was held back may be written now, within this very call. */
  #takeMore(): void {
    const taken = this.#onTaken;
    this.#untaken = false;
    this.#onTaken = undefined;
    taken?.();
  }

  /** The client has left, or the gateway wants no more. */
  readonly #abort = (): void => {
    const reason: unknown = this.#signal?.reason;
    this.#leave(reason instanceof DramError ? reason : disconnected());
  };

  #leave(error: unknown): void {
    if (!this.#isOver) {
      this.fail(error);
      this.#onLeave?.();
    }
  }

  #over(): void {
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#takeMore();
  }

  /** What goes beside the response must not cost it. */
  #attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.log(error);
    }
  }
}

interface Waiting<Value> {
  readonly resolve: (value: Value) => void;
  readonly reject: (error: unknown) => void;
}

function disconnected(): DramError {
  return new DramError("ERR_CLIENT_DISCONNECTED", "the client left before the response was sent");
}
