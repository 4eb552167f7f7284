/**
 * The stream of a `Response` as a body: pulled one chunk at a time, and cancelled once, if at all. Not
 * opened before somebody iterates or closes it.
 */
export class StreamBody implements AsyncIterator<Uint8Array> {
  #response: Response;
  /** `null` where there is no body. */
  #reader: ReadableStreamDefaultReader<Uint8Array> | null | undefined;
  /** Asked for already, by `chunks`. */
  #ahead: Promise<ReadableStreamReadResult<Uint8Array>>[] = [];
  #ended = false;

  constructor(response: Response) {
    this.#response = response;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    try {
      const result = await (this.#ahead.shift() ?? this.#read());
      if (!result.done) {
        return { done: false, value: result.value };
      }
      this.#ended = true;
      return { done: true, value: undefined };
    } catch (error) {
      this.#ended = true;
      throw error;
    }
  }

  /** Ends a stream that is not at its end, even while a chunk is waited for. */
  async close(): Promise<void> {
    if (!this.#ended) {
      this.#ended = true;
      await this.#open()?.cancel();
    }
  }

  /**
   * All chunks, if they are there and no more than one; else `undefined`, and what was looked at is
   * still to come. A `Response` does not tell whether it was made of a string or of a stream without
   * end, and only one of them has a length to be sent. Waits for nothing.
   */
  async chunks(): Promise<Uint8Array[] | undefined> {
    const chunks: Uint8Array[] = [];
    while (chunks.length < 2) {
      const next = this.#read();
      this.#ahead.push(next);
      const result = await atOnce(next);
      if (result === undefined) {
        return undefined;
      }
      if (result.done) {
        this.#ended = true;
        return chunks;
      }
      chunks.push(result.value);
    }
    return undefined;
  }

  #read(): Promise<ReadableStreamReadResult<Uint8Array>> {
    return this.#open()?.read() ?? Promise.resolve({ done: true, value: undefined });
  }

  #open(): ReadableStreamDefaultReader<Uint8Array> | null {
    this.#reader ??= this.#response.body?.getReader() ?? null;
    return this.#reader;
  }
}

/** Turns of the microtask queue; a string, bytes or JSON take one or two. */
const TURNS = 3;

/** What a promise resolves to, if it does before anything else happens. */
async function atOnce<T>(promise: Promise<T>): Promise<T | undefined> {
  let settled: T | undefined;
  promise.then(
    (value) => {
      settled = value;
    },
    // Thrown by next().
    () => {},
  );
  for (let turn = 0; turn < TURNS && settled === undefined; turn++) {
    await undefined;
  }
  return settled;
}
