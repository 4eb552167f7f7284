import { closing, failing, textOf } from "../body.ts";
import { encodeUtf8, isBytes } from "../bytes.ts";
import { LINT_CLOSE_WAIT, LINT_WATCHED_CHUNK } from "../limits.ts";
import { ignore, isThenable } from "../thenable.ts";
import type { Body } from "../types.ts";
import type { Call } from "./call.ts";
import { checksum } from "./checksum.ts";
import { askChunk, askLength } from "./startresponse.ts";

/**
 * What the application returned, as its caller gets it: an array, or a text of `text()` and
 * `json()`, is the very same, checked at once; any other body is watched as it is iterated.
 *
 * @throws {LintError}
 */
export function observeBody(call: Call, body: Body): Body {
  call.returned = true;
  call.ask("body", { body });
  try {
    return checked(call, body);
  } catch (error) {
    if (Array.isArray(body) && !("close" in body)) {
      throw error;
    }
    // Thrown when it is iterated, so that the gateway has a body to close.
    return closing(failing(error), closing(body), () => call.end());
  }
}

function checked(call: Call, body: Body): Body {
  call.ask("proceed", { swallowed: call.swallowed });
  call.ask("returned", { pendingWrites: call.pendingWrites });
  askList(call);
  const content = textOf(body);
  if (content !== undefined) {
    return complete(call, [encodeUtf8(content)], body);
  }
  if (!Array.isArray(body)) {
    return watched(call, body);
  }
  const chunks: readonly Uint8Array[] & Body = body;
  if (!("close" in chunks)) {
    return complete(call, chunks, body);
  }
  askComplete(call, chunks);
  // Still an array, so that its length can be inferred, with a close of its own.
  return Object.assign([...chunks], closeOf(call, chunks, new Closing(call)));
}

function complete(call: Call, chunks: readonly unknown[], body: Body): Body {
  askComplete(call, chunks);
  call.end();
  return body;
}

function askComplete(call: Call, chunks: readonly unknown[]): void {
  for (const chunk of chunks) {
    askChunk(call, chunk, "body", true);
  }
  askEnd(call);
}

function watched(call: Call, body: Body): Body {
  const awaited = new Closing(call);
  const close = closeOf(call, body, awaited);
  let times = 0;
  const open = <Opened>(iterate: () => Opened): Opened => {
    call.ask("iteration", { times: ++times });
    return iterate();
  };
  const steps = new Steps(call, close.close === undefined ? undefined : awaited);
  const sync =
    Symbol.iterator in body
      ? {
          [Symbol.iterator]: () => open(() => syncIterator(steps, body[Symbol.iterator]())),
        }
      : undefined;
  if (Symbol.asyncIterator in body) {
    return {
      [Symbol.asyncIterator]: () => open(() => asyncIterator(steps, body[Symbol.asyncIterator]())),
      ...sync,
      ...close,
    };
  }
  return {
    [Symbol.iterator]: () => open(() => syncIterator(steps, body[Symbol.iterator]())),
    ...close,
  };
}

function closeOf(call: Call, body: Body, awaited: Closing): Pick<Body, "close"> {
  if (body.close === undefined) {
    return {};
  }
  return {
    close() {
      awaited.note();
      try {
        return body.close?.();
      } finally {
        call.end();
      }
    },
  };
}

/** Waits, once the iteration has stopped, for `close()`. */
class Closing {
  #call: Call;
  #times = 0;
  #timer: unknown;

  constructor(call: Call) {
    this.#call = call;
  }

  get closed(): boolean {
    return this.#times > 0;
  }

  note(): void {
    clearTimeout(this.#timer);
    this.#call.ask("close", { times: ++this.#times, waited: 0 });
  }

  expect(): void {
    if (this.#times > 0 || this.#timer !== undefined) {
      return;
    }
    this.#timer = setTimeout(() => {
      this.#call.ask("close", { times: 0, waited: LINT_CLOSE_WAIT });
    }, LINT_CLOSE_WAIT);
    release(this.#timer);
  }
}

/** A process need not stay for a timer. */
function release(timer: unknown): void {
  if (
    typeof timer === "object" &&
    timer !== null &&
    "unref" in timer &&
    typeof timer.unref === "function"
  ) {
    timer.unref();
  }
}

/** The steps of an iteration, asked about before and after each. */
class Steps {
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

function syncIterator(steps: Steps, iterator: Iterator<Uint8Array>): IterableIterator<Uint8Array> {
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

function asyncIterator(
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

/** The body is complete. */
function askEnd(call: Call): void {
  call.ask("proceed", { swallowed: call.swallowed });
  askList(call);
  askLength(call, true);
  call.ask("end", {
    code: call.started?.code,
    produced: call.produced,
    chunks: call.chunks,
    contentType: call.started?.contentType,
  });
  call.ask("done", { pendingReads: call.pendingReads });
  if (call.recording !== undefined) {
    call.recording.complete = true;
  }
}

function askPace(call: Call): void {
  call.ask("pace", { taken: call.below?.iterated ?? 0, given: call.iterated });
}

function askList(call: Call): void {
  if (call.list !== undefined) {
    call.ask("list", call.list);
  }
}
