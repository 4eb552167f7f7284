import { isBytes } from "../bytes.ts";
import { LINT_WATCHED_CHUNK } from "../limits.ts";
import { ignore, isThenable } from "../thenable.ts";
import { askChunk, askEnd, askPace } from "./ask.ts";
import type { Call } from "./call.ts";
import { checksum } from "./checksum.ts";
import type { Closing } from "./closing.ts";

/** The steps of an iteration, asked about before and after each. */
export class Steps {
  #call: Call;
  #closing: Closing | undefined;
  #chunk: Uint8Array | undefined;
  #sum = 0;

  constructor(call: Call, closing: Closing | undefined) {
    this.#call = call;
    this.#closing = closing;
  }

  before(): void {
    const { above } = this.#call;
    this.#call.ask("step", {
      closed: this.#closing?.closed === true,
      early: above !== undefined && !above.returned,
    });
    this.#call.steps++;
    if (this.#chunk !== undefined) {
      // Taken now, and not when it was yielded: meanwhile it was the gateway's to change.
      this.#sum = checksum(this.#chunk);
    }
  }

  after(): void {
    this.#call.steps--;
  }

  /** @throws {LintError} */
  take(result: IteratorResult<unknown>): void {
    const call = this.#call;
    this.#askEarlier();
    if (result.done === true) {
      askPace(call);
      askEnd(call);
      return;
    }
    const chunk: unknown = result.value;
    askChunk(call, chunk, "body");
    call.iterated++;
    this.#chunk = isBytes(chunk) && chunk.length <= LINT_WATCHED_CHUNK ? chunk : undefined;
    askPace(call);
  }

  /** Nothing more is asked for. */
  stop(): void {
    if (this.#closing === undefined) {
      this.#call.end();
    } else {
      this.#closing.expect();
    }
  }

  #askEarlier(): void {
    const chunk = this.#chunk;
    this.#chunk = undefined;
    // A platform may have taken the memory away, as it does with a chunk it transfers.
    if (chunk !== undefined && chunk.length > 0) {
      this.#call.ask("earlier", {
        length: chunk.length,
        changed: checksum(chunk) !== this.#sum,
      });
    }
  }
}

/** An iterator that asks about each of its steps. */
export function syncIterator(
  steps: Steps,
  iterator: Iterator<Uint8Array>,
): IterableIterator<Uint8Array> {
  return {
    next() {
      const result = stepped(steps, () => iterator.next());
      try {
        steps.take(result);
      } catch (error) {
        if (result.done !== true) {
          giveUp(iterator);
        }
        steps.stop();
        throw error;
      }
      if (result.done === true) {
        steps.stop();
      }
      return result;
    },
    ...(iterator.return === undefined
      ? {}
      : {
          return(value?: unknown) {
            try {
              return iterator.return?.(value) ?? { done: true, value };
            } finally {
              steps.stop();
            }
          },
        }),
    [Symbol.iterator]() {
      return this;
    },
  };
}

function stepped<Result>(steps: Steps, step: () => Result): Result {
  steps.before();
  try {
    return step();
  } catch (error) {
    steps.stop();
    throw error;
  } finally {
    steps.after();
  }
}

/** An asynchronous one. */
export function asyncIterator(
  steps: Steps,
  iterator: AsyncIterator<Uint8Array>,
): AsyncIterableIterator<Uint8Array> {
  return {
    async next() {
      steps.before();
      let result: IteratorResult<Uint8Array>;
      try {
        result = await iterator.next();
      } catch (error) {
        steps.stop();
        throw error;
      } finally {
        steps.after();
      }
      try {
        steps.take(result);
      } catch (error) {
        if (result.done !== true) {
          await giveUp(iterator);
        }
        steps.stop();
        throw error;
      }
      if (result.done === true) {
        steps.stop();
      }
      return result;
    },
    ...(iterator.return === undefined
      ? {}
      : {
          async return(value?: unknown) {
            try {
              return (await iterator.return?.(value)) ?? { done: true, value };
            } finally {
              steps.stop();
            }
          },
        }),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** To its caller the iteration is over with an error: its `finally` is to run all the same. */
function giveUp(iterator: Iterator<unknown> | AsyncIterator<unknown>): unknown {
  try {
    const ended = iterator.return?.();
    return isThenable(ended) ? Promise.resolve(ended).catch(ignore) : undefined;
  } catch {
    // The error that it was given up for is the one to be thrown.
    return undefined;
  }
}
