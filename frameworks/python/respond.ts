import {
  type Body,
  DramError,
  type Environ,
  mayHaveInput,
  readSome,
  type StartResponse,
  type Write,
} from "../../core/mod.ts";
import { crossing } from "./crossing.ts";
import { PythonException } from "./failure.ts";
import type { Interpreter, RequestHost } from "./interpreter.ts";
import type { Settings } from "./options.ts";
import { pulled } from "./pulled.ts";
import type { Head } from "./runtime.ts";
import { smallBody } from "./smallbody.ts";

/** Lets Python answer one request. */
export async function respond(
  python: Interpreter,
  { input, concurrency }: Settings,
  environ: Environ,
  startResponse: StartResponse,
): Promise<Body> {
  // Before it is this request's turn, which a slow client would hold up.
  const content = await contentOf(environ, python.canWait ? input : "buffered");
  const release = concurrency === "serial" ? await python.turns.take() : ignore;
  return new PythonExchange(python, environ, startResponse, release).run(content);
}

/** The body for `begin`: `false` for none, `undefined` where Python is to read it itself. */
async function contentOf(
  environ: Environ,
  input: Settings["input"],
): Promise<Uint8Array | false | undefined> {
  if (!mayHaveInput(environ)) {
    return false;
  }
  if (input === "stream") {
    return undefined;
  }
  return input === "buffered" ? environ["wsgi.input"].read() : smallBody(environ);
}

class PythonExchange implements RequestHost {
  readonly #python: Interpreter;
  readonly #environ: Environ;
  readonly #errors: Environ["wsgi.errors"];
  readonly #startResponse: StartResponse;
  readonly #release: () => void;
  readonly #id: number;
  #write: Write | undefined;
  /** What the gateway has last told Python. */
  #failure: unknown;
  /** Python is at work. */
  #step: Promise<unknown> = Promise.resolve();
  #ended = false;

  constructor(
    python: Interpreter,
    environ: Environ,
    startResponse: StartResponse,
    release: () => void,
  ) {
    this.#python = python;
    this.#environ = environ;
    this.#errors = environ["wsgi.errors"];
    this.#startResponse = startResponse;
    this.#release = release;
    this.#id = python.add(this);
  }

  async run(content: Uint8Array | false | undefined): Promise<Body> {
    try {
      checkPresence(this.#environ["dram.signal"]);
      const environ = toJson(this.#environ, content);
      const [status, headers, chunk, done] = await this.#python.begin(this.#id, environ, content);
      if (done) {
        this.#end();
      }
      try {
        this.#write ??= this.#startResponse(status, headers);
      } catch (error) {
        await this.close();
        throw error;
      }
      if (done) {
        return chunk === undefined ? [] : [chunk];
      }
      return pulled(
        chunk,
        () => this.#pull(),
        () => this.close(),
      );
    } catch (error) {
      this.#end();
      throw this.#meant(error);
    }
  }

  async #pull(): Promise<Uint8Array | undefined> {
    if (this.#ended) {
      return undefined;
    }
    const step = this.#python.pull(this.#id);
    this.#step = step.catch(ignore);
    try {
      const chunk = await step;
      if (chunk === undefined) {
        this.#end();
      }
      return chunk;
    } catch (error) {
      this.#end();
      throw this.#meant(error);
    }
  }

  /** Python closes what it has returned, once it has come to the end of what it is doing. */
  async close(): Promise<void> {
    await this.#step;
    if (!this.#ended) {
      try {
        await this.#python.end(this.#id);
      } finally {
        this.#end();
      }
    }
  }

  #end(): void {
    if (!this.#ended) {
      this.#ended = true;
      this.#python.remove(this.#id);
      this.#release();
    }
  }

  /** An error that has come to Python by the gateway, and back. */
  #meant(error: unknown): unknown {
    return error instanceof PythonException && error.isTransport ? this.#failure : error;
  }

  async read(size: number): Promise<Uint8Array> {
    try {
      return await readSome(this.#environ["wsgi.input"], size);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  write(head: Head | undefined, chunk: Uint8Array): Promise<void> {
    try {
      this.#write ??= this.#startResponse(...(head ?? ["", []]));
      const taken = this.#write(chunk);
      taken.catch((error: unknown) => {
        this.#failure = error;
      });
      return taken;
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  log(text: string): void {
    this.#errors.write(text);
  }
}

/** What Python is told of environ, as JSON. */
function toJson(environ: Environ, content: Uint8Array | false | undefined): string {
  const crossed = crossing(environ);
  if (content) {
    // There is no other way to tell the length of what came in chunks.
    crossed.CONTENT_LENGTH ??= String(content.length);
  }
  return JSON.stringify(crossed);
}

/** Nothing is to be done for a client that has left while it waited for its turn. */
function checkPresence(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw signal.reason instanceof DramError
      ? signal.reason
      : new DramError("ERR_CLIENT_DISCONNECTED", "the client left before its turn");
  }
}

function ignore(): void {}
