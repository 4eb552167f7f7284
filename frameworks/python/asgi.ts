import { DramError } from "../../core/mod.ts";
import type { AsgiApplication, AsgiReceive, AsgiSend } from "../asgi/mod.ts";
import { asgiHostSource, asgiSource } from "./asgisource.ts";
import { addFiles, addModules, load } from "./boot.ts";
import { defaultRuntime } from "./default.ts";
import { decodeEvent, encodeEvent, encodeScope } from "./events.ts";
import { PythonException, resultOf } from "./failure.ts";
import { gatewaySource, hostSource } from "./gatewaysource.ts";
import { live } from "./lifespan.ts";
import { checkOptions, type PythonOptions } from "./options.ts";
import { hashes, plain } from "./plain.ts";
import type { AsgiHostModule, PythonRuntime, Raised } from "./runtime.ts";

/** What is run, and how: as for WSGI. Any number of requests are in hand at a time. */
export type PythonAsgiOptions = Omit<PythonOptions, "input" | "concurrency">;

/** What `pythonAsgi` makes. */
export type PythonAsgiApplication = AsgiApplication & {
  /**
   * Starts Python, imports the application and runs its startup, ahead of the first request.
   *
   * @throws {DramError} `ERR_PYTHON` with the traceback, if the application cannot be imported or started.
   */
  ready(): Promise<void>;
};

/**
 * Makes an ASGI application of one in Python (Starlette, Django's), which runs in Pyodide: for `fromAsgi`
 * of `dram/asgi`. No runtime has to be able to suspend for it. There are no threads: what an application
 * would do in one it does at once.
 *
 * @throws {DramError} `ERR_OPTION`.
 */
export function pythonAsgi(options: PythonAsgiOptions): PythonAsgiApplication {
  const settings = checkOptions(options);
  if (settings.runtime?.snapshot !== undefined) {
    throw new DramError(
      "ERR_OPTION",
      "option runtime has a snapshot, which is of a WSGI application; wanted one without",
    );
  }
  let current: Promise<AsgiHost> | undefined;
  const boot = (): Promise<AsgiHost> => {
    current ??= start(settings).catch((error: unknown) => {
      current = undefined;
      throw error;
    });
    return current;
  };
  const lifespan = {
    startup: async () => {
      await boot();
    },
    shutdown: async () => {
      const running = current;
      current = undefined;
      await (await running)?.stop();
    },
  };
  const application: AsgiApplication = async (scope, receive, send) => {
    if (scope.type === "lifespan") {
      await live(lifespan, receive, send);
    } else {
      const host = await boot();
      await host.run(encodeScope(scope), receive, send);
    }
  };
  return Object.assign(application, { ready: lifespan.startup });
}

async function start(settings: ReturnType<typeof checkOptions>): Promise<AsgiHost> {
  const { app, site, environment } = settings;
  const runtime = settings.runtime ?? (await defaultRuntime());
  const pyodide = await load(runtime, environment);
  const paths = await addFiles(pyodide, runtime, site);
  addModules(pyodide, {
    dram_gateway: gatewaySource,
    dram_host: hostSource,
    dram_asgi: asgiSource,
    dram_asgihost: asgiHostSource,
  });
  const host = new AsgiHost(pyodide.pyimport("dram_asgihost"));
  try {
    await host.start(runtime, app, paths, JSON.stringify(environment));
  } catch (cause) {
    throw new DramError("ERR_PYTHON", "the application cannot be imported or started", { cause });
  }
  return host;
}

/** One call of Python's that is under way. */
interface Call {
  readonly receive: AsgiReceive;
  readonly send: AsgiSend;
  readonly over: PromiseWithResolvers<void>;
  /** What it was last told that has failed. */
  failure: unknown;
}

/** The JavaScript half of asgihost.py. */
class AsgiHost {
  readonly #python: AsgiHostModule;
  readonly #calls = new Map<number, Call>();
  #lastId = 0;

  constructor(python: AsgiHostModule) {
    this.#python = python;
  }

  start(runtime: PythonRuntime, app: string, paths: string, environment: string): Promise<void> {
    const javascript = {
      receive: (id: number) => this.#receive(this.#call(id)),
      send: (id: number, head: string, content: Uint8Array) =>
        this.#send(this.#call(id), head, content),
      ended: (id: number, raised: Raised | undefined) => this.#ended(id, raised),
      ...hashes(runtime),
    };
    return this.#begin(0, never, never, () =>
      this.#python.start(javascript, app, paths, environment),
    );
  }

  stop(): Promise<void> {
    return this.#begin(0, never, never, () => this.#python.stop());
  }

  /** @throws What the application has raised. */
  run(scope: string, receive: AsgiReceive, send: AsgiSend): Promise<void> {
    this.#lastId++;
    const id = this.#lastId;
    return this.#begin(id, receive, send, () => this.#python.run(id, scope));
  }

  #begin(id: number, receive: AsgiReceive, send: AsgiSend, begin: () => void): Promise<void> {
    const over = Promise.withResolvers<void>();
    this.#calls.set(id, { receive, send, over, failure: undefined });
    begin();
    return over.promise;
  }

  async #receive(call: Call): Promise<readonly [head: string, content: Uint8Array]> {
    try {
      const [head, content] = encodeEvent(await call.receive());
      return [head, plain(content)];
    } catch (error) {
      call.failure = error;
      throw error;
    }
  }

  async #send(call: Call, head: string, content: Uint8Array): Promise<void> {
    try {
      await call.send(decodeEvent(JSON.parse(head), content));
    } catch (error) {
      call.failure = error;
      throw error;
    }
  }

  #ended(id: number, raised: Raised | undefined): void {
    const { over, failure } = this.#call(id);
    this.#calls.delete(id);
    try {
      over.resolve(resultOf<undefined>(raised));
    } catch (error) {
      over.reject(error instanceof PythonException && error.isTransport ? failure : error);
    }
  }

  #call(id: number): Call {
    const call = this.#calls.get(id);
    if (call === undefined) {
      throw new DramError("ERR_CLOSED", "this call of the application has ended");
    }
    return call;
  }
}

function never(): Promise<never> {
  return Promise.reject(new DramError("ERR_CLOSED", "a lifespan has no events of its own here"));
}
