import { concat, EMPTY } from "./bytes.ts";
import { DramError, describe } from "./errors.ts";
import { BLIND_READ_SIZE } from "./limits.ts";
import { type Answer, ignore } from "./thenable.ts";
import type { InputStream } from "./types.ts";

/** A platform's request body, read chunk by chunk. */
export interface ByteSource {
  /**
   * The next chunk, `null` at the end. Rejects if the client has left. Never called twice at once.
   *
   * @param least Bytes that are waited for: whoever fills memory of his own need not come back with
   *   less. For everyone else nothing follows.
   * @param most Bytes that there can be; infinite if nobody knows.
   */
  read(least: number, most: number): Promise<Uint8Array | null>;
  /** Nothing more will be read, though there may be more. Not called for a body read to its end. */
  cancel(): void;
}

/**
 * Opens a platform's body; `null` if there is none.
 *
 * @param whole All of it is wanted, and may be taken as one chunk, which platforms give at a fraction
 *   of the price of a stream's chunks. Then nothing else will be asked of it.
 */
export type OpenBody = (whole: boolean) => ByteSource | null;

export interface InputOptions {
  /** Bytes announced by Content-Length: never more are given, and fewer are an error. */
  announced: number | undefined;
  /** Bytes that may be read at all: `maxBodySize`. */
  limit: number;
  /** Whether a body that nobody reads is worth cancelling; false for a GET that announces none. */
  expected?: boolean;
}

/**
 * The next bytes of a request body as soon as there are any, for a bridge that hands them on: waiting
 * for more would stop a client that waits for an answer to these.
 *
 * @param size Bytes at most.
 * @returns Empty at the end.
 */
export function readSome(input: InputStream, size?: number): Promise<Uint8Array> {
  return input.read1 === undefined
    ? input.read(Math.min(BLIND_READ_SIZE, size ?? BLIND_READ_SIZE))
    : input.read1(size);
}

/** `wsgi.input` over a platform's body, which is opened at the first read that needs it. */
export class Input implements InputStream {
  #open: OpenBody;
  #source: ByteSource | null | undefined;
  #options: InputOptions;
  #received = 0;
  #chunks: Uint8Array[] = [];
  #buffered = 0;
  #ended = false;
  #closed = false;
  #interrupt: (() => void) | undefined;
  #error: DramError | undefined;
  #last: Promise<unknown> | undefined;

  /** Calls `open` at most once; `null` from it means there is no body. */
  constructor(open: OpenBody, options: InputOptions) {
    this.#open = open;
    this.#options = options;
  }

  /** As `InputStream` has it. */
  read(size?: number | null): Promise<Uint8Array> {
    return this.#enqueue(checkSize("read", size), (wanted) => this.#read(wanted));
  }

  /** As `InputStream` has it. */
  readline(size?: number | null): Promise<Uint8Array> {
    return this.#enqueue(checkSize("readline", size), (wanted) => this.#readline(wanted));
  }

  /** As `InputStream` has it. */
  read1(size?: number | null): Promise<Uint8Array> {
    return this.#enqueue(checkSize("read1", size), (wanted) => this.#read1(wanted));
  }

  /** As `InputStream` has it. */
  readlines(hint?: number | null): Promise<Uint8Array[]> {
    return this.#enqueue(checkSize("readlines", hint || null), async (wanted) => {
      const lines: Uint8Array[] = [];
      for (let total = 0; total < wanted; ) {
        const line = await this.#readline(Number.POSITIVE_INFINITY);
        if (line.length === 0) {
          break;
        }
        lines.push(line);
        total += line.length;
      }
      return lines;
    });
  }

  /** Lines. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    for (;;) {
      const line = await this.readline();
      if (line.length === 0) {
        return;
      }
      yield line;
    }
  }

  /** Whether the platform has said that there is no body. Opens it, and reads nothing. */
  get isAbsent(): boolean {
    try {
      this.#source ??= this.#options.announced === 0 ? null : this.#open(false);
    } catch {
      // The application has read the platform's own body: there was one.
    }
    return this.#source === null;
  }

  /** The response is done: what is unread is given up, and reading from now on is an error. */
  end(): void {
    this.#closed = true;
    this.#chunks = [];
    this.#buffered = 0;
    this.#interrupt?.();
    this.#cancel();
  }

  /** What nobody has read is given up, too: the platform may wait for it to be read or cancelled. */
  #cancel(): void {
    const { announced, expected = true } = this.#options;
    // A body that is at its end needs no cancelling, and some servers take it for a broken request.
    if (this.#ended || (this.#source === undefined && (announced === 0 || !expected))) {
      return;
    }
    try {
      this.#source ??= this.#open(false);
      this.#source?.cancel();
    } catch {
      // The application has read the platform's own body: it is locked, and not ours to cancel.
    }
  }

  /** Two reads that are not awaited must not interleave: each waits for those called before it. */
  #enqueue<T>(size: number | DramError, operation: (size: number) => Answer<T>): Promise<T> {
    if (typeof size !== "number") {
      const refused = Promise.reject(size);
      refused.catch(ignore);
      return refused;
    }
    const result =
      this.#last === undefined ? operation(size) : this.#last.then(() => operation(size));
    if (!(result instanceof Promise)) {
      // Answered from what has come: there is nothing for the next one to wait for.
      return Promise.resolve(result);
    }
    const done = (): void => {
      if (this.#last === last) {
        this.#last = undefined;
      }
    };
    const last = result.then(done, done);
    this.#last = last;
    return result;
  }

  #read(size: number): Answer<Uint8Array> {
    return this.#when(
      () => this.#buffered >= size,
      () => this.#take(Math.min(size, this.#buffered)),
      size,
    );
  }

  #read1(size: number): Answer<Uint8Array> {
    return this.#when(
      // Goes on behind an empty chunk, which says nothing.
      () => this.#buffered > 0 || size === 0,
      () => {
        const next = this.#chunks.find((chunk) => chunk.length > 0) ?? EMPTY;
        return this.#take(Math.min(size, next.length));
      },
    );
  }

  #readline(size: number): Answer<Uint8Array> {
    let scanned = 0;
    let length = 0;
    return this.#when(
      () => {
        for (; scanned < this.#chunks.length; scanned++) {
          const chunk = this.#chunks[scanned] ?? EMPTY;
          const newline = chunk.indexOf(LINE_FEED);
          if (newline !== -1) {
            length += newline + 1;
            return true;
          }
          length += chunk.length;
        }
        return length >= size;
      },
      () => this.#take(Math.min(size, length)),
    );
  }

  /**
   * Takes what is wanted once there is enough, or no more to come. Not by async functions, which
   * would be three promises more: 17 % of an echo of 1 kB in process.
   *
   * @param size Bytes that are to be there, as far as it is known; infinite for all.
   */
  #when(isEnough: () => boolean, take: () => Uint8Array, size = 1): Answer<Uint8Array> {
    if (isEnough()) {
      return take();
    }
    return new Promise((resolve, reject) => {
      const goOn = (): void => {
        try {
          this.#check();
          if (isEnough() || this.#ended) {
            resolve(take());
          } else {
            this.#fill(size, goOn, reject);
          }
        } catch (error) {
          reject(error);
        }
      };
      goOn();
    });
  }

  /** Takes `length` buffered bytes. What is returned is never referred to again. */
  #take(length: number): Uint8Array {
    const taken: Uint8Array[] = [];
    for (let missing = length; missing > 0; ) {
      const [chunk] = this.#chunks;
      if (chunk === undefined) {
        break;
      }
      if (chunk.length <= missing) {
        taken.push(chunk);
        this.#chunks.shift();
        missing -= chunk.length;
      } else {
        // Copied, here or by concat: the caller may write into it, and the rest of the chunk is
        // still to be read.
        const part = chunk.subarray(0, missing);
        taken.push(taken.length === 0 ? part.slice() : part);
        this.#chunks[0] = chunk.subarray(missing);
        missing = 0;
      }
    }
    this.#buffered -= length;
    return concat(taken);
  }

  /** Whether a body taken whole is no larger than `limit`: else it is counted chunk by chunk. */
  get #isBounded(): boolean {
    const { announced, limit } = this.#options;
    return announced !== undefined || limit === Number.POSITIVE_INFINITY;
  }

  /** Gets one more chunk, or learns that there is none. */
  #fill(size: number, then: () => void, failed: (error: unknown) => void): void {
    const broken = (cause: unknown): void => {
      failed(this.#fail(disconnected(`after ${this.#received} bytes`, cause)));
    };
    try {
      const { announced = Number.POSITIVE_INFINITY } = this.#options;
      const all = size === Number.POSITIVE_INFINITY;
      this.#source ??= announced === 0 ? null : this.#open(this.#isBounded && all);
      if (this.#source === null) {
        this.#ended = true;
        then();
        return;
      }
      // end() does not wait for a platform that has nothing to give.
      this.#interrupt = then;
      const most = announced - this.#received;
      const least = Math.min(Math.max(size - this.#buffered, 1), most);
      this.#source.read(least, most).then((chunk) => {
        this.#interrupt = undefined;
        try {
          this.#accept(chunk);
        } catch (error) {
          failed(error);
          return;
        }
        then();
      }, broken);
    } catch (cause) {
      broken(cause);
    }
  }

  #accept(chunk: Uint8Array | null): void {
    this.#check();
    const { announced, limit } = this.#options;
    if (chunk === null) {
      this.#ended = true;
      if (announced !== undefined && this.#received < announced) {
        throw this.#fail(disconnected(`after ${this.#received} of ${announced} bytes`));
      }
      return;
    }
    const room = announced === undefined ? chunk.length : announced - this.#received;
    this.#received += Math.min(chunk.length, room);
    if (this.#received > limit) {
      throw this.#fail(
        new DramError("ERR_BODY_TOO_LARGE", `the request body is over maxBodySize, ${limit} bytes`),
      );
    }
    // The transport may stay open behind the body (CGI): what was announced is the end.
    this.#ended = this.#received === announced;
    // A plain one: `slice` of a Node Buffer is no copy.
    const bytes = plain(chunk);
    this.#chunks.push(bytes.length > room ? bytes.subarray(0, room) : bytes);
    this.#buffered += Math.min(chunk.length, room);
  }

  #check(): void {
    if (this.#closed) {
      throw new DramError("ERR_CLOSED", "wsgi.input was read after the response had ended");
    }
    if (this.#error !== undefined) {
      throw this.#error;
    }
  }

  #fail(error: DramError): DramError {
    this.#error ??= error;
    this.#chunks = [];
    this.#buffered = 0;
    return this.#error;
  }
}

function plain(chunk: Uint8Array): Uint8Array {
  return chunk.constructor === Uint8Array
    ? chunk
    : new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
}

const LINE_FEED = 0x0a;

/** The wanted size in bytes, infinite for "all"; or the error to reject with. */
function checkSize(method: string, size: unknown): number | DramError {
  if (size === undefined || size === null) {
    return Number.POSITIVE_INFINITY;
  }
  if (typeof size !== "number" || !Number.isInteger(size)) {
    const found = typeof size === "number" ? String(size) : describe(size);
    return new DramError(
      "ERR_READ_SIZE",
      `wsgi.input.${method}: the size is ${found}; wanted a whole number of bytes`,
    );
  }
  return size < 0 ? Number.POSITIVE_INFINITY : size;
}

function disconnected(when: string, cause?: unknown): DramError {
  return new DramError("ERR_CLIENT_DISCONNECTED", `the client left ${when} of the request body`, {
    cause,
  });
}
