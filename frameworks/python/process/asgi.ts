import { type DramError, EMPTY, explain } from "../../../core/mod.ts";
import type { AsgiApplication, AsgiReceive, AsgiSend } from "../../asgi/mod.ts";
import { asgiSource } from "../asgisource.ts";
import { decodeEvent, encodeEvent, encodeScope } from "../events.ts";
import { gatewaySource } from "../gatewaysource.ts";
import { live } from "../lifespan.ts";
import { encodeFrame, FRAME, type Frame, pack, unpack } from "./frames.ts";
import { checkOptions, type PythonProcessOptions } from "./options.ts";
import { Pool } from "./pool.ts";
import { raised } from "./raised.ts";
import type { Dialogue, Worker } from "./worker.ts";
import { asgiWorkerSource, workerSource } from "./workersource.ts";

/** What is run, and with what: as for WSGI, but a process has any number of requests in hand. */
export interface PythonProcessAsgiOptions extends Omit<PythonProcessOptions, "threads" | "queue"> {
  /** Milliseconds for the application to be imported and for its startup. Default 30,000; 0 for no limit. */
  timeout?: number;
}

/** An ASGI application whose processes can be started and ended. */
export type PythonProcessAsgiApplication = AsgiApplication &
  AsyncDisposable & {
    /** As `PythonProcessApplication` has it. */
    ready(): Promise<void>;
    /** As `PythonProcessApplication` has it; each process has its lifespan's shutdown first. */
    close(): Promise<void>;
  };

/**
 * Makes an ASGI application of one in Python (Starlette, FastAPI, Django's), which runs in processes of
 * CPython beside this one: for `fromAsgi` of `dram/asgi`. Each process has a lifespan of its own; their
 * start and end are this application's lifespan.
 *
 * @throws {DramError} `ERR_OPTION`.
 */
export function pythonProcessAsgi(options: PythonProcessAsgiOptions): PythonProcessAsgiApplication {
  const settings = checkOptions(options);
  const pool = new Pool(
    { ...settings, queue: Number.POSITIVE_INFINITY },
    { modules: MODULES, calls: Number.POSITIVE_INFINITY },
  );
  const lifespan = { startup: () => pool.ready(), shutdown: () => pool.close() };
  const application: AsgiApplication = async (scope, receive, send) => {
    if (scope.type === "lifespan") {
      await live(lifespan, receive, send);
    } else {
      const call = await pool.open((worker) => new AsgiCall(worker, receive, send), undefined);
      await call?.run(encodeScope(scope));
    }
  };
  return Object.assign(application, {
    ready: lifespan.startup,
    close: lifespan.shutdown,
    [Symbol.asyncDispose]: lifespan.shutdown,
  });
}

const MODULES = [
  ["dram_gateway", gatewaySource],
  ["dram_worker", workerSource],
  ["dram_asgi", asgiSource],
  ["dram_asgiworker", asgiWorkerSource],
] as const;

/** One call of the application: what it asks for is passed on, as it comes. */
class AsgiCall implements Dialogue {
  readonly #worker: Worker;
  readonly #id: number;
  readonly #receive: AsgiReceive;
  readonly #send: AsgiSend;
  readonly #over = Promise.withResolvers<void>();
  /** Why the application could not receive or send. */
  #failure: unknown;

  constructor(worker: Worker, receive: AsgiReceive, send: AsgiSend) {
    this.#worker = worker;
    this.#receive = receive;
    this.#send = send;
    this.#id = worker.begin(this);
  }

  /** @throws What the application has raised, and `ERR_WORKER`. */
  async run(scope: string): Promise<void> {
    try {
      this.#tell(FRAME.request, ...pack(scope, EMPTY));
      await this.#over.promise;
    } finally {
      this.#worker.end(this.#id);
    }
  }

  take(frame: Frame): void {
    switch (frame.type) {
      case FRAME.read:
        this.#pass();
        break;
      case FRAME.write:
        this.#accept(frame.content);
        break;
      case FRAME.ended:
        this.#over.resolve();
        break;
      case FRAME.error:
        this.#over.reject(frame.content.length === 0 ? this.#failure : raised(frame.content));
        break;
    }
  }

  lose(error: DramError): void {
    this.#over.reject(error);
  }

  async #pass(): Promise<void> {
    try {
      const [head, content] = encodeEvent(await this.#receive());
      this.#tell(FRAME.event, ...pack(head, content));
    } catch (error) {
      this.#fail(FRAME.noEvent, error);
    }
  }

  async #accept(parcel: Uint8Array): Promise<void> {
    try {
      await this.#send(decodeEvent(...unpack(parcel)));
      this.#tell(FRAME.taken);
    } catch (error) {
      this.#fail(FRAME.lost, error);
    }
  }

  /** The application is told, and raises it as a rule. */
  #fail(type: string, error: unknown): void {
    this.#failure = error;
    this.#tell(type, Buffer.from(error instanceof Error ? error.message : explain(error)));
  }

  #tell(type: string, ...content: Uint8Array[]): void {
    this.#worker.send(encodeFrame(type, this.#id, ...content));
  }
}
