import { EMPTY } from "./bytes.ts";
import { DramError } from "./errors.ts";
import type { BodyStream } from "./response.ts";
import type { Returned } from "./returned.ts";
import { type Answer, ignore } from "./thenable.ts";

/** How a stream ended: completely, by an error, or because the client left. */
export type StreamEnd = { error?: unknown };

interface Write {
  readonly chunk: Uint8Array;
  readonly taken: () => void;
  readonly refused: (error: DramError) => void;
}

/**
 * A response body in one order: first what the application gave to `write()`, then what it
 * yields; never more bytes than Content-Length announced, and fewer are an error.
 */
export class ResponseStream implements BodyStream {
  #room: number;
  #onEnd: (end: StreamEnd) => void;
  #writes: Write[] = [];
  #taken: (() => void) | undefined;
  #first: Uint8Array | undefined;
  #body: Returned | undefined;
  #failure: { error: unknown } | undefined;
  #wake: (() => void) | undefined;
  #interrupt: (() => void) | undefined;
  #ended = false;

  /**
   * @param length Bytes announced by Content-Length, if it was given.
   * @param onEnd Called exactly once.
   */
  constructor(length: number | undefined, onEnd: (end: StreamEnd) => void) {
    this.#room = length ?? Number.POSITIVE_INFINITY;
    this.#onEnd = onEnd;
  }

  /** Queues a written chunk. The promise resolves when the platform comes back for the next one. */
  put(chunk: Uint8Array): Promise<void> {
    const fitting = this.#fit(chunk);
    const taken = new Promise<void>((resolve, reject) => {
      if (this.#ended) {
        reject(disconnected());
      } else if (fitting.length === 0) {
        resolve();
      } else {
        this.#writes.push({ chunk: fitting, taken: resolve, refused: reject });
        this.#wake?.();
      }
    });
    // A write that nobody awaits must not become an unhandled rejection when the client leaves.
    taken.catch(ignore);
    if (fitting.length < chunk.length) {
      throw new DramError(
        "ERR_CONTENT_LENGTH",
        `write() of ${chunk.length} bytes goes past Content-Length, ${fitting.length} were left`,
      );
    }
    return taken;
  }

  /** The application has returned: no more writes, its body comes next. `first` was pulled already. */
  iterate(body: Returned, first?: Uint8Array): void {
    this.#body = body;
    this.#first = first;
    this.#wake?.();
  }

  /** The application has failed: what was written is still sent, then the stream breaks. */
  fail(error: unknown): void {
    this.#failure = { error };
    this.#wake?.();
  }

  next(): Promise<Uint8Array | null> {
    this.#taken?.();
    this.#taken = undefined;
    try {
      const chunk = this.#produce();
      return chunk instanceof Promise ? this.#wait(chunk) : Promise.resolve(this.#pass(chunk));
    } catch (error) {
      this.#end({ error });
      return Promise.reject(error);
    }
  }

  cancel(): void {
    const writes = this.#writes;
    this.#writes = [];
    this.#end({ error: disconnected() });
    for (const write of writes) {
      write.refused(disconnected());
    }
    this.#wake?.();
    this.#interrupt?.();
  }

  /** The next chunk that says something, at once if it is there. */
  #produce(): Answer<Uint8Array | null> {
    while (!this.#ended) {
      const chunk = this.#step();
      if (chunk instanceof Promise || chunk === null || chunk.length > 0) {
        return chunk;
      }
    }
    return null;
  }

  /**
   * The next chunk of whatever there is; an empty one for nothing yet. Of a promise's chunk nothing has
   * been checked.
   */
  #step(): Answer<Uint8Array | null> {
    const write = this.#writes.shift();
    if (write !== undefined) {
      this.#taken = write.taken;
      return write.chunk;
    }
    if (this.#failure !== undefined) {
      throw this.#failure.error;
    }
    if (this.#body === undefined) {
      return new Promise((resolve) => {
        this.#wake = () => resolve(EMPTY);
      });
    }
    // What was announced has been sent: the rest is not even asked for.
    if (this.#room === 0) {
      return null;
    }
    const chunk = this.#first ?? this.#body.next();
    this.#first = undefined;
    return chunk instanceof Promise ? chunk : this.#checked(chunk);
  }

  /** Not by async functions: four promises more are a tenth of a chunk of 64 KiB in workerd. */
  #wait(step: Promise<Uint8Array | null>): Promise<Uint8Array | null> {
    return new Promise((resolve, reject) => {
      // cancel() does not wait for an application that is in the middle of a step.
      const interrupt = (): void => resolve(null);
      // In two steps: a function that is written into an assignment to a property is old at once to
      // V8, and keeps all of its exchange through each scavenge.
      this.#interrupt = interrupt;
      const broken = (error: unknown): void => {
        this.#end({ error });
        reject(error);
      };
      const goOn = (arrived: Uint8Array | null): void => {
        try {
          const chunk = arrived?.length === 0 ? this.#produce() : this.#checked(arrived);
          if (chunk instanceof Promise) {
            chunk.then(goOn, broken);
          } else {
            resolve(this.#pass(chunk));
          }
        } catch (error) {
          broken(error);
        }
      };
      step.then(goOn, broken);
    });
  }

  /** A chunk of the body, or its end. */
  #checked(chunk: Uint8Array | null): Uint8Array | null {
    if (chunk !== null) {
      return this.#fit(chunk);
    }
    if (this.#room !== Number.POSITIVE_INFINITY) {
      throw shortBody(this.#room);
    }
    return null;
  }

  /** What the platform is given; nothing, if it has cancelled meanwhile. */
  #pass(chunk: Uint8Array | null): Uint8Array | null {
    if (chunk === null) {
      this.#end({});
    }
    return this.#ended ? null : chunk;
  }

  /** As much of a chunk as Content-Length has room for. */
  #fit(chunk: Uint8Array): Uint8Array {
    const fitting = chunk.length > this.#room ? chunk.subarray(0, this.#room) : chunk;
    this.#room -= fitting.length;
    return fitting;
  }

  #end(end: StreamEnd): void {
    if (!this.#ended) {
      this.#ended = true;
      this.#taken?.();
      this.#onEnd(end);
    }
  }
}

/** The application produced fewer bytes than its Content-Length announced. */
export function shortBody(missing: number): DramError {
  return new DramError(
    "ERR_CONTENT_LENGTH",
    `the body ended ${missing} bytes short of the Content-Length that the application gave`,
  );
}

/** The client left: what is still to be sent will never be. */
export function disconnected(): DramError {
  return new DramError("ERR_CLIENT_DISCONNECTED", "the client left before the response was sent");
}
