import { consoleErrors, DramError } from "../../core/mod.ts";
import type { Python } from "./boot.ts";
import { resultOf } from "./failure.ts";
import { hashes, plain } from "./plain.ts";
import type { Begun, Head, HostModule, PythonFunction, PythonRuntime, Raised } from "./runtime.ts";
import { Turns } from "./turns.ts";

/** What Python asks of the request that it serves. */
export interface RequestHost {
  /** At most `size` bytes of the request body; empty at its end. */
  read(size: number): Promise<Uint8Array>;
  /** PEP 3333's `write()`; `head` comes with the first chunk. */
  write(head: Head | undefined, chunk: Uint8Array): Promise<void>;
  /** For `wsgi.errors`. */
  log(text: string): void;
}

/** A running Python, called request by request. */
export class Interpreter {
  /** A call may wait for a promise. */
  readonly canWait: boolean;
  /** For requests that are served one by one. */
  readonly turns: Turns = new Turns();
  readonly #begin: HostModule["begin"];
  readonly #pull: HostModule["pull"];
  readonly #end: HostModule["end"];
  readonly #giveUp: () => void;
  readonly #requests = new Map<number, RequestHost>();
  /** What Python is at work on: how to end each. */
  readonly #calls = new Set<(error: DramError) => void>();
  #count = 0;
  #isBroken = false;

  /** @param giveUp Called when nothing more can be done with it. */
  constructor({ host, canWait }: Python, runtime: PythonRuntime, giveUp: () => void) {
    this.canWait = canWait;
    this.#giveUp = giveUp;
    // Each is a proxy that has to be destroyed, or kept: kept.
    this.#begin = host.begin;
    this.#pull = host.pull;
    this.#end = host.end;
    host.connect({
      read: (id: number, size: number) =>
        this.#whileAlive(async () => plain(await this.#request(id).read(size))),
      write: (id: number, head: Head | undefined, chunk: Uint8Array) => {
        const taken = this.#request(id).write(head, chunk);
        // Python would report a promise that fails while nobody awaits it.
        return this.canWait ? this.#whileAlive(() => taken) : undefined;
      },
      log: (id: number, text: string) =>
        (this.#requests.get(id) ?? { log: consoleErrors.write }).log(text),
      ...hashes(runtime),
    });
  }

  /** @returns A number for the request, to be given back to `remove`. */
  add(request: RequestHost): number {
    this.#count += 1;
    this.#requests.set(this.#count, request);
    return this.#count;
  }

  /** Python asks no more of the request. */
  remove(id: number): void {
    this.#requests.delete(id);
  }

  /** @throws {PythonException} What the application has raised. */
  begin(id: number, environ: string, body: Uint8Array | false | undefined): Promise<Begun> {
    return this.#call<Begun>(this.#begin, id, environ, body && plain(body));
  }

  /**
   * The next chunk; `undefined` at the end.
   *
   * @throws {PythonException} What the application has raised.
   */
  pull(id: number): Promise<Uint8Array | undefined> {
    return this.#call(this.#pull, id);
  }

  /** Closes what the application has returned. */
  end(id: number): Promise<void> {
    return this.#call(this.#end, id);
  }

  async #call<Result>(
    callable: PythonFunction<Result>,
    ...values: readonly unknown[]
  ): Promise<Result> {
    const result = await new Promise<Result | Raised>((resolve, reject) => {
      this.#calls.add(reject);
      // host.py returns what Python raises: an error of the call itself is the end of Python.
      this.#start(callable, values)
        .then(resolve, (cause: unknown) => this.#breakDown(cause))
        .finally(() => this.#calls.delete(reject));
    });
    return resultOf(result);
  }

  async #start<Result>(
    callable: PythonFunction<Result>,
    values: readonly unknown[],
  ): Promise<Result | Raised> {
    return this.canWait ? callable.callPromising(...values) : callable(...values);
  }

  /** What Python waits for. One that has broken down must not hear of it: it would throw at nobody. */
  async #whileAlive<Value>(awaited: () => Promise<Value>): Promise<Value> {
    try {
      return await awaited();
    } finally {
      if (this.#isBroken) {
        await new Promise(() => {});
      }
    }
  }

  /** Calls that wait for something would wait for ever. */
  #breakDown(cause: unknown): void {
    this.#isBroken = true;
    this.#giveUp();
    for (const reject of this.#calls) {
      reject(
        new DramError("ERR_PYTHON", "Python has broken down; the next request starts another", {
          cause,
        }),
      );
    }
  }

  #request(id: number): RequestHost {
    const request = this.#requests.get(id);
    if (request === undefined) {
      throw new DramError("ERR_CLOSED", "the response of this request has ended");
    }
    return request;
  }
}
