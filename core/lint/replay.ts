import { DramError } from "../errors.ts";
import type { ByteSource } from "../input.ts";
import { STRESS_BODY } from "../limits.ts";
import { ignore } from "../thenable.ts";
import type { InputStream } from "../types.ts";

/** What one run has read of a request body, for others to read as well. */
export class Replay {
  #chunks: Uint8Array[] = [];
  #size = 0;
  #ended = false;
  #waiting: (() => void)[] = [];

  /** More was read than is kept: the other runs cannot be compared. */
  get overflowed(): boolean {
    return this.#size > STRESS_BODY;
  }

  /** `wsgi.input` of the run that reads the body itself. */
  record(input: InputStream): InputStream {
    const note = async <Result>(reading: Promise<Result>, add: (result: Result) => void) => {
      const result = await reading;
      add(result);
      return result;
    };
    const read1 = input.read1?.bind(input);
    return {
      ...(read1 && {
        read1: (...parameters) =>
          note(read1(...parameters), (bytes) => {
            this.#add(bytes);
            if (bytes.length === 0 && parameters[0] !== 0) {
              this.end();
            }
          }),
      }),
      read: (...parameters) =>
        note(input.read(...parameters), (bytes) => {
          this.#add(bytes);
          const [size] = parameters;
          if (typeof size !== "number" || size < 0 || bytes.length < size) {
            this.end();
          }
        }),
      readline: (...parameters) =>
        note(input.readline(...parameters), (line) => {
          this.#add(line);
          if (line.length === 0 && parameters[0] !== 0) {
            this.end();
          }
        }),
      readlines: (...parameters) =>
        note(input.readlines(...parameters), (lines) => {
          for (const line of lines) {
            this.#add(line);
          }
        }),
      [Symbol.asyncIterator]: () => this.#recordLines(input),
    };
  }

  /** There is no more, or nobody who will read it. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** The body for another run, which waits for what has not been read yet. */
  open(): ByteSource {
    let index = 0;
    return {
      read: async () => {
        while (index >= this.#chunks.length && !this.#ended && !this.overflowed) {
          await new Promise<void>((resolve) => this.#waiting.push(resolve));
        }
        if (this.overflowed) {
          throw new DramError(
            "ERR_BODY_TOO_LARGE",
            `stress mode keeps ${STRESS_BODY} bytes of a request body`,
          );
        }
        return this.#chunks[index++]?.slice() ?? null;
      },
      cancel: ignore,
    };
  }

  async *#recordLines(input: InputStream): AsyncGenerator<Uint8Array, void, void> {
    for await (const line of input) {
      this.#add(line);
      yield line;
    }
    this.end();
  }

  #add(bytes: Uint8Array): void {
    this.#size += bytes.length;
    if (this.overflowed) {
      this.#chunks = [];
    } else if (bytes.length > 0) {
      // Copied: what was read belongs to the application that has read it.
      this.#chunks.push(bytes.slice());
    }
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) {
      resolve();
    }
  }
}
