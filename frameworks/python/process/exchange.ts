import {
  type Body,
  DramError,
  EMPTY,
  type Environ,
  explain,
  type HeaderList,
  quote,
  readSome,
  type StartResponse,
  type Write,
} from "../../../core/mod.ts";
import { pulled } from "../pulled.ts";
import type { Call } from "./call.ts";
import { FRAME, type Frame, numberAt, unpack } from "./frames.ts";
import { MAX_PIECE } from "./limits.ts";
import { raised } from "./raised.ts";

/** One call of the application, from the request to the end of its response. */
export class Exchange {
  readonly #call: Call;
  readonly #input: Environ["wsgi.input"];
  readonly #startResponse: StartResponse;
  #write: Write | undefined;
  /** The step that is under way, if any. */
  #pending: Promise<Frame> | undefined;
  #leaving = false;
  #ended = false;
  /** Why the application could not read or write. */
  #failure: unknown;

  constructor(call: Call, environ: Environ, startResponse: StartResponse) {
    this.#call = call;
    this.#input = environ["wsgi.input"];
    this.#startResponse = startResponse;
  }

  /**
   * Sends the request.
   *
   * @param content A parcel of environ and body.
   * @returns All of the response, or its chunks to be asked for.
   */
  async begin(type: string, ...content: Uint8Array[]): Promise<Body> {
    const frame = await this.#step(type, ...content);
    const [[status, headers, isComplete], chunk] = this.#head(frame);
    if (isComplete) {
      this.#end();
    }
    try {
      this.#write ??= this.#startResponse(status, headers);
    } catch (error) {
      await this.#close();
      throw error;
    }
    if (isComplete) {
      return chunk.length === 0 ? [] : [chunk];
    }
    return pulled(
      chunk,
      () => this.#next(),
      () => this.#close(),
    );
  }

  #head(frame: Frame): [head: Start, chunk: Uint8Array] {
    try {
      const [head, chunk] = unpack(frame.content);
      if (frame.type === FRAME.head && isStart(head)) {
        return [head, chunk];
      }
    } catch {
      // No parcel, either.
    }
    throw this.#confused(frame);
  }

  async #next(): Promise<Uint8Array | undefined> {
    if (this.#ended) {
      return undefined;
    }
    const frame = await this.#step(FRAME.next);
    if (frame.type === FRAME.chunk) {
      return frame.content;
    }
    if (frame.type !== FRAME.ended) {
      throw this.#confused(frame);
    }
    this.#end();
    return undefined;
  }

  /** Has the application closed, unless it is. One that is in the middle of a step ends that first. */
  async #close(): Promise<void> {
    this.#leaving = true;
    await this.#pending?.catch(() => {});
    if (!this.#ended) {
      await this.#step(FRAME.leave);
      this.#end();
    }
  }

  /** @throws What the application has raised, and `ERR_WORKER`. The exchange has ended then. */
  #step(type: string, ...content: Uint8Array[]): Promise<Frame> {
    this.#pending = this.#run(type, content);
    return this.#pending;
  }

  async #run(type: string, content: readonly Uint8Array[]): Promise<Frame> {
    try {
      let frame = await this.#call.ask(type, ...content);
      for (;;) {
        if (frame.type === FRAME.read) {
          frame = await this.#answer(FRAME.data, () => this.#read(numberAt(frame.content, 0)));
        } else if (frame.type === FRAME.write) {
          frame = await this.#answer(FRAME.taken, () => this.#send(frame.content));
        } else if (frame.type === FRAME.error) {
          throw frame.content.length === 0 ? this.#failure : raised(frame.content);
        } else {
          return frame;
        }
      }
    } catch (error) {
      this.#end();
      throw error;
    } finally {
      this.#pending = undefined;
    }
  }

  /** What the application waits for, or that there is nothing to wait for. */
  async #answer(type: string, act: () => Promise<Uint8Array>): Promise<Frame> {
    let content: Uint8Array;
    try {
      if (this.#leaving) {
        throw new DramError("ERR_CLIENT_DISCONNECTED", "the response is not wanted any more");
      }
      content = await act();
    } catch (error) {
      this.#failure = error;
      const message = error instanceof Error ? error.message : explain(error);
      return this.#call.ask(FRAME.lost, Buffer.from(message));
    }
    return this.#call.ask(type, content);
  }

  #read(size: number): Promise<Uint8Array> {
    return readSome(this.#input, Math.min(size, MAX_PIECE));
  }

  async #send(parcel: Uint8Array): Promise<Uint8Array> {
    const [head, chunk] = unpack(parcel);
    if (isStart(head)) {
      const [status, headers] = head;
      this.#write = this.#startResponse(status, headers);
    }
    await this.#write?.(chunk);
    return EMPTY;
  }

  #confused({ type }: Frame): DramError {
    const error = new DramError("ERR_WORKER", `a frame of type ${quote(type)} is out of place`);
    this.#call.fail(error);
    this.#end();
    return error;
  }

  #end(): void {
    if (!this.#ended) {
      this.#ended = true;
      this.#call.end();
    }
  }
}

/** The third one: all of the response is there. */
type Start = readonly [status: string, headers: HeaderList, isComplete?: boolean];

/** The strings are for `startResponse` to judge. */
function isStart(value: unknown): value is Start {
  return Array.isArray(value) && typeof value[0] === "string" && Array.isArray(value[1]);
}
