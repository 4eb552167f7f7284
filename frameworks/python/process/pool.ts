import { GRACE_TIME, Restarts, within } from "../../../adapters/process/mod.ts";
import { DramError, LineErrors } from "../../../core/mod.ts";
import { RETRY_TIME } from "./limits.ts";
import type { PoolOptions, Program } from "./options.ts";
import { Worker } from "./worker.ts";

/** Who waits for a worker. */
interface Waiting {
  begin(worker: Worker): void;
  reject(error: unknown): void;
}

/** The workers of an application, and who waits for one. */
export class Pool {
  readonly #options: PoolOptions & Program;
  readonly #log: LineErrors;
  readonly #workers = new Set<Worker>();
  readonly #restarts = new Restarts();
  #waiting: Waiting[] = [];
  /** The application could be imported, and has not failed to since. */
  #proven = false;
  /** Workers that are about to import it. */
  #loading = 0;
  /** Why the last worker could not serve. */
  #failure: unknown;
  /** No worker is started for now. */
  #pausing = false;
  #closing: Promise<void> | undefined;

  constructor(options: PoolOptions, program: Program) {
    this.#options = { ...options, ...program };
    this.#log = new LineErrors(options.errors);
  }

  /**
   * Starts the workers. Not needed, for the first call does it.
   *
   * @throws {DramError} `ERR_WORKER` if the application cannot be loaded.
   */
  async ready(): Promise<void> {
    this.#start();
    const [first] = this.#workers;
    if (first === undefined) {
      throw this.#unable();
    }
    await first.ready;
    // The others have been started in the meantime.
    await Promise.all([...this.#workers].map((worker) => worker.ready));
  }

  /**
   * Begins a call with a worker that has room for one, at once or in the order of arrival.
   *
   * @param begin Takes the room.
   * @param signal Aborted when the call is not wanted any more.
   * @returns `undefined` if too many wait already.
   * @throws {DramError} `ERR_PYTHON` if the application cannot be imported; `ERR_ABORTED` while the
   *   workers are being stopped.
   */
  open<Call>(
    begin: (worker: Worker) => Call,
    signal: AbortSignal | undefined,
  ): Call | Promise<Call> | undefined {
    this.#start();
    const worker = this.#waiting.length === 0 ? this.#freest() : undefined;
    if (worker !== undefined) {
      return begin(worker);
    }
    if (this.#workers.size === 0 && this.#failure !== undefined) {
      throw this.#unable();
    }
    return this.#waiting.length < this.#options.queue ? this.#wait(begin, signal) : undefined;
  }

  /**
   * Ends the workers when their calls have ended, or after the grace time. Who waits is told
   * `ERR_ABORTED`. A later call starts them anew.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close().finally(() => {
      this.#closing = undefined;
    });
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#refuse(stopped());
    const workers = [...this.#workers];
    for (const worker of workers) {
      worker.stop();
    }
    const ended = Promise.all(workers.map((worker) => worker.ended)).then(() => {});
    if (!(await within(ended, GRACE_TIME))) {
      for (const worker of workers) {
        worker.kill("the workers are stopped");
      }
      await ended;
    }
  }

  /** One at first: what hinders it would hinder all. */
  #start(): void {
    if (this.#closing !== undefined) {
      throw stopped();
    }
    while (
      this.#workers.size < this.#options.workers &&
      !this.#pausing &&
      (this.#proven || this.#loading === 0)
    ) {
      this.#add();
    }
  }

  async #add(): Promise<void> {
    const worker = new Worker(this.#options, () => this.#handOut());
    this.#workers.add(worker);
    this.#loading++;
    let served: number | undefined;
    try {
      await worker.ready;
      served = performance.now();
      this.#failure = undefined;
      this.#proven = true;
    } catch (error) {
      this.#failure = error;
      this.#proven = false;
      this.#pause(RETRY_TIME, () => {});
    }
    this.#loading--;
    if (this.#proven && this.#closing === undefined) {
      this.#start();
    }
    const how = await worker.ended;
    this.#workers.delete(worker);
    if (this.#closing === undefined) {
      this.#replace(how, served);
    }
  }

  /** @param served Since when the worker has served; `undefined` if it never did. */
  #replace(how: string, served: number | undefined): void {
    if (served === undefined) {
      this.#report(how, `the next request after ${RETRY_TIME} ms starts another one`);
      if (this.#workers.size === 0) {
        this.#refuse(this.#unable());
      }
      return;
    }
    const delay = this.#restarts.delay(performance.now() - served);
    this.#report(how, `another one starts${delay === 0 ? "" : ` in ${delay} ms`}`);
    this.#pause(delay, () => this.#start());
  }

  #report(how: string, next: string): void {
    this.#log.write(`dram: ${how}; ${next}\n`);
  }

  #pause(delay: number, proceed: () => void): void {
    this.#pausing = true;
    setTimeout(() => {
      this.#pausing = false;
      if (this.#closing === undefined) {
        proceed();
      }
    }, delay).unref();
  }

  #wait<Call>(begin: (worker: Worker) => Call, signal: AbortSignal | undefined): Promise<Call> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
        reject(signal?.reason);
      };
      const waiting: Waiting = {
        begin(worker) {
          signal?.removeEventListener("abort", leave);
          resolve(begin(worker));
        },
        reject,
      };
      this.#waiting.push(waiting);
      signal?.addEventListener("abort", leave);
      if (signal?.aborted) {
        leave();
      }
    });
  }

  #handOut(): void {
    for (;;) {
      const worker = this.#waiting.length > 0 ? this.#freest() : undefined;
      const waiting = worker === undefined ? undefined : this.#waiting.shift();
      if (worker === undefined || waiting === undefined) {
        return;
      }
      waiting.begin(worker);
    }
  }

  #freest(): Worker | undefined {
    let freest: Worker | undefined;
    for (const worker of this.#workers) {
      if (worker.hasRoom && worker.load < (freest?.load ?? Number.POSITIVE_INFINITY)) {
        freest = worker;
      }
    }
    return freest;
  }

  #refuse(error: unknown): void {
    for (const waiting of this.#waiting.splice(0)) {
      waiting.reject(error);
    }
  }

  #unable(): unknown {
    return this.#failure ?? new DramError("ERR_WORKER", "no Python worker runs");
  }
}

function stopped(): DramError {
  return new DramError("ERR_ABORTED", "the Python workers are being stopped");
}
