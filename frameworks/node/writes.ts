export type Callback = (error?: Error | null) => void;

export interface Written {
  readonly chunk: string | Uint8Array;
  readonly encoding: BufferEncoding | undefined;
  readonly callback: Callback | undefined;
}

/** Where writes go. */
export interface Sink {
  /** @param taken To be called when the next writes are wanted, perhaps at once. */
  take(written: readonly Written[], taken: () => void): void;
  /** What was held back has gone: more may be written. */
  drained(): void;
  /** Everything has been taken, and nothing more will come. */
  finish(): void;
}

/**
 * The writes to a connection in their order, as Node's `Writable` treats them. Not one itself: each
 * makes a function that V8 takes for an old one, which keeps all of its exchange, 8 to 11 kB, through
 * each scavenge until the next full collection: a tenth of the time of a server.
 */
export class Writes {
  /** Node's own response sets it. */
  corked = 0;
  needsDrain = false;
  ended = false;
  finished = false;
  /** Characters and bytes that have not been taken. */
  length = 0;
  readonly #sink: Sink;
  #waiting: Written[] = [];
  #isBusy = false;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** @returns False when the writer is to wait for `drained`. */
  add(written: Written): boolean {
    this.#waiting.push(written);
    this.length += written.chunk.length;
    const isFull = this.length >= HIGH_WATER_MARK;
    this.needsDrain ||= isFull;
    this.flush();
    return !isFull;
  }

  end(): void {
    this.ended = true;
    this.corked = 0;
    this.flush();
  }

  flush(): void {
    if (this.corked > 0 || this.#isBusy) {
      return;
    }
    const written = this.#waiting;
    if (written.length > 0) {
      this.#waiting = [];
      this.#send(written);
    } else if (this.ended && !this.finished) {
      this.finished = true;
      this.#sink.finish();
    }
  }

  /** What has not been sent never will be. */
  drop(reason: () => Error): void {
    const dropped = this.#waiting;
    this.needsDrain = false;
    if (dropped.length > 0) {
      const error = reason();
      this.#waiting = [];
      this.#release(dropped);
      process.nextTick(() => callAll(dropped, error));
    }
  }

  #send(written: readonly Written[]): void {
    this.#isBusy = true;
    let isSync = true;
    this.#sink.take(written, () => {
      this.#release(written);
      if (isSync) {
        // Who has written learns of it when it has returned.
        process.nextTick(() => this.#done(written));
      } else {
        this.#done(written);
      }
    });
    isSync = false;
  }

  #release(written: readonly Written[]): void {
    for (const { chunk } of written) {
      this.length -= chunk.length;
    }
  }

  #done(written: readonly Written[]): void {
    this.#isBusy = false;
    if (this.needsDrain && !this.ended && this.length === 0) {
      this.needsDrain = false;
      this.#sink.drained();
    }
    callAll(written, null);
    this.flush();
  }
}

function callAll(written: readonly Written[], error: Error | null): void {
  for (const { callback } of written) {
    callback?.(error);
  }
}

/** Bytes. Node's own for a stream of bytes. */
export const HIGH_WATER_MARK = 65_536;
