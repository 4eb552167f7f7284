import { asChunk } from "./bytes.ts";
import { DramError, describe } from "./errors.ts";
import { EMPTY_CHUNKS } from "./limits.ts";
import { type Answer, isThenable, settled } from "./thenable.ts";

/**
 * What an application returned, as the gateway uses it: iterated at most once, closed exactly
 * once. Nothing else of it is touched (PEP 3333, "Specification Details").
 */
export class Returned {
  #body: ReturnedBody;
  #iterator: Iterator<unknown> | AsyncIterator<unknown> | undefined;
  #pending = false;
  #exhausted = false;
  #empty = 0;
  #closed: Promise<void> | undefined;

  /** @throws {DramError} `ERR_BODY_TYPE` for anything that is no body, with the way to write it instead. */
  constructor(body: unknown) {
    this.#body = checkBody(body);
  }

  /**
   * The next chunk, `null` at the end; at once, if the iteration is a synchronous one. Never called
   * twice at once.
   *
   * @throws What the application throws, and `ERR_CHUNK_TYPE`.
   */
  next(): Answer<Uint8Array | null> {
    this.#pending = true;
    let result: IteratorResult<unknown> | PromiseLike<IteratorResult<unknown>>;
    try {
      result = this.#open().next();
    } catch (error) {
      throw this.#failed(error);
    }
    return isThenable(result)
      ? Promise.resolve(result).then(
          (settled) => this.#chunkOf(settled),
          (error: unknown) => {
            throw this.#failed(error);
          },
        )
      : this.#chunkOf(result);
  }

  #chunkOf(result: IteratorResult<unknown>): Answer<Uint8Array | null> {
    this.#pending = false;
    try {
      this.#exhausted = result.done === true;
    } catch (error) {
      throw this.#failed(error);
    }
    if (this.#exhausted) {
      return null;
    }
    // Not awaited by the iteration: a synchronous iterable of promises is a mistake to name.
    const chunk = asChunk(result.value);
    if (chunk.length === 0 && ++this.#empty % EMPTY_CHUNKS === 0) {
      // Whoever asks goes on behind an empty chunk: endless ones that wait for nothing would keep
      // the process from all else, and from learning that the client has left.
      return turn().then(() => chunk);
    }
    return chunk;
  }

  /** An iterator that has thrown is finished, as for-of has it. */
  #failed(error: unknown): unknown {
    this.#pending = false;
    this.#exhausted = true;
    return error;
  }

  /**
   * Ends the iteration if it is not at its end, and calls `close()` on the very object that the
   * application returned. Later calls do nothing but wait for the first.
   *
   * @throws What `close()` throws, or `ERR_CLOSE_TIMEOUT` when it does not settle.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const failures: unknown[] = [];
    const attempt = async (name: string, step: () => unknown): Promise<void> => {
      try {
        await settled(step(), name);
      } catch (error) {
        failures.push(error);
      }
    };
    const ended = this.#exhausted ? undefined : attempt("its iteration", () => this.#return());
    // A generator in the middle of a step runs its `finally` only after that step, which may wait
    // for what close() is about to end.
    if (!this.#pending) {
      await ended;
    }
    await attempt("close()", () => this.#body.close?.());
    await ended;
    if (failures.length > 0) {
      throw failures[0];
    }
  }

  #return(): unknown {
    // What was never iterated has an iterator to end only if there is no close() to tell it.
    const iterator = this.#body.close === undefined ? this.#open() : this.#iterator;
    return iterator?.return?.();
  }

  #open(): Iterator<unknown> | AsyncIterator<unknown> {
    const body = this.#body;
    this.#iterator ??=
      body[Symbol.asyncIterator]?.() ?? body[Symbol.iterator]?.() ?? [][Symbol.iterator]();
    return this.#iterator;
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}

/** As much of a returned value as has been checked. */
interface ReturnedBody {
  [Symbol.asyncIterator]?(): AsyncIterator<unknown>;
  [Symbol.iterator]?(): Iterator<unknown>;
  close?(): unknown;
}

export function checkBody(body: unknown): ReturnedBody {
  if (isIterable(body) && typeof body !== "string" && !ArrayBuffer.isView(body)) {
    return body;
  }
  throw new DramError(
    "ERR_BODY_TYPE",
    `the application returned ${describe(body)}; ${fixFor(body)}`,
  );
}

function isIterable(value: unknown): value is ReturnedBody {
  return (
    (typeof value === "object" || typeof value === "function") &&
    value !== null &&
    ((Symbol.asyncIterator in value && typeof value[Symbol.asyncIterator] === "function") ||
      (Symbol.iterator in value && typeof value[Symbol.iterator] === "function"))
  );
}

function fixFor(body: unknown): string {
  if (body === undefined || body === null || body === false) {
    return "wanted an iterable of chunks: return [] for no body";
  }
  if (typeof body === "string") {
    return "return text(string) instead";
  }
  if (ArrayBuffer.isView(body) || body instanceof ArrayBuffer) {
    return "return it in an array: [bytes]";
  }
  if (Object.prototype.toString.call(body) === "[object Response]") {
    return "wanted an iterable of chunks: call startResponse and return the Response's body";
  }
  return "wanted an iterable or async iterable of Uint8Array";
}
