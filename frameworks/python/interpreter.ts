import { consoleErrors, DramError } from "../../core/mod.ts";
import type { Python } from "./boot.ts";
import { resultOf } from "./failure.ts";
import type {
  Begun,
  Head,
  HostCrypto,
  HostModule,
  PythonFunction,
  PythonRuntime,
  Raised,
} from "./runtime.ts";
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
  #count = 0;

  /** @param giveUp Called when nothing more can be done with it. */
  constructor({ host, canWait }: Python, { crypto }: PythonRuntime, giveUp: () => void) {
    this.canWait = canWait;
    this.#giveUp = giveUp;
    // Each is a proxy that has to be destroyed, or kept: kept.
    this.#begin = host.begin;
    this.#pull = host.pull;
    this.#end = host.end;
    host.connect({
      read: async (id: number, size: number) => plain(await this.#request(id).read(size)),
      write: (id: number, head: Head | undefined, chunk: Uint8Array) =>
        this.#request(id).write(head, chunk),
      log: (id: number, text: string) =>
        (this.#requests.get(id) ?? { log: consoleErrors.write }).log(text),
      ...(crypto === undefined ? {} : hashes(crypto)),
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
    let result: Result | Raised;
    try {
      result = this.canWait ? await callable.callPromising(...values) : callable(...values);
    } catch (cause) {
      // host.py returns what Python raises: this is the end of Python itself.
      this.#giveUp();
      throw new DramError("ERR_PYTHON", "Python has broken down; the next request starts another", {
        cause,
      });
    }
    return resultOf(result);
  }

  #request(id: number): RequestHost {
    const request = this.#requests.get(id);
    if (request === undefined) {
      throw new DramError("ERR_CLOSED", "the response of this request has ended");
    }
    return request;
  }
}

function hashes({ pbkdf2Sync, scryptSync }: HostCrypto): object {
  return {
    pbkdf2: (
      password: Uint8Array,
      salt: Uint8Array,
      iterations: number,
      length: number,
      digest: string,
    ) => plain(pbkdf2Sync(password, salt, iterations, length, digest)),
    scrypt: (
      password: Uint8Array,
      salt: Uint8Array,
      length: number,
      N: number,
      r: number,
      p: number,
      maxmem: number,
    ) => plain(scryptSync(password, salt, length, { N, r, p, maxmem })),
  };
}

/** Pyodide takes no subclass, such as Node's Buffer, and nothing of another realm. */
function plain(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array
    ? bytes
    : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
