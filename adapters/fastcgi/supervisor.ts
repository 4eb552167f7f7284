import cluster, { type Worker } from "node:cluster";
import { createServer, type Server, type Socket } from "node:net";
import { consoleErrors, LineErrors } from "../../core/mod.ts";
import { ABORT_TIME, GRACE_TIME, guard, Restarts, stopOnSignals } from "../process/mod.ts";
import { MAX_FAILED_STARTS, STOP_SIGNALS } from "./limits.ts";
import { open, type Place } from "./place.ts";
import type { FastcgiOptions, FastcgiServer } from "./serve.ts";
import { type ToSupervisor, type ToWorker, WORKER_VARIABLE } from "./worker.ts";

/**
 * Serves with several processes. This one listens and hands each connection to a worker that is
 * free. With the sharing of `node:cluster` itself, the socket would close when the last worker dies;
 * here connections wait for its successor.
 *
 * @returns As soon as the first worker serves.
 * @throws {DramError} `ERR_OPTION` if it cannot listen there.
 */
export async function supervise(count: number, options: FastcgiOptions): Promise<FastcgiServer> {
  const { graceTime = GRACE_TIME } = options;
  const log = new LineErrors(options.errors ?? consoleErrors);
  const server = createServer({ pauseOnConnect: true });
  const place = await open(server, options);
  const supervisor = new Supervisor(server, place, log, graceTime);
  const unguard = guard(log);
  const unlisten =
    options.signals === false
      ? undefined
      : stopOnSignals(() => supervisor.stop(), graceTime, STOP_SIGNALS);
  const closed = supervisor.closed.then(() => {
    unguard();
    unlisten?.();
  });
  for (let index = 0; index < count; index++) {
    supervisor.start();
  }
  await supervisor.serving;
  return {
    url: place.url,
    port: place.port,
    async close() {
      supervisor.stop();
      await closed;
    },
    closed,
  };
}

class Supervisor {
  /** Resolves when a worker serves. */
  readonly serving: Promise<void>;
  /** Resolves when all workers are gone: true if each has ended in order. */
  readonly closed: Promise<boolean>;
  readonly #server: Server;
  readonly #place: Place;
  readonly #log: LineErrors;
  readonly #graceTime: number;
  readonly #workers = new Set<Worker>();
  #free: Worker[] = [];
  /** Kept until the worker has said that it has it, for it may die before. */
  readonly #handed = new Map<Worker, Socket>();
  /** Connections that no worker has been free for. */
  readonly #waiting: Socket[] = [];
  #stopping = false;
  #clean = true;
  /** Workers in a row that have not served. */
  #failedStarts = 0;
  readonly #restarts = new Restarts();
  #onServing: () => void = () => {};
  #onClosed: (clean: boolean) => void = () => {};

  constructor(server: Server, place: Place, log: LineErrors, graceTime: number) {
    this.#server = server;
    this.#place = place;
    this.#log = log;
    this.#graceTime = graceTime;
    this.serving = new Promise((resolve) => {
      this.#onServing = resolve;
    });
    this.closed = new Promise((resolve) => {
      this.#onClosed = resolve;
    });
    server.on("connection", (socket) => {
      socket.on("error", () => {});
      this.#waiting.push(socket);
      this.#handOut();
    });
  }

  /** Starts a worker, and another one when it has died. */
  start(): void {
    const worker = cluster.fork({ [WORKER_VARIABLE]: "1" });
    /** When it began to serve, by `performance.now()`. */
    let served: number | undefined;
    this.#workers.add(worker);
    worker.on("message", (message: ToSupervisor) => {
      if (message?.dram !== "free") {
        return;
      }
      if (served === undefined) {
        served = performance.now();
        this.#failedStarts = 0;
        const { url, port } = this.#place;
        tell(worker, { dram: "serve", url, port });
        this.#onServing();
      }
      // Not the connection itself, which is the worker's now.
      this.#handed.get(worker)?.destroy();
      this.#handed.delete(worker);
      this.#free.push(worker);
      this.#handOut();
    });
    worker.on("exit", (code, signal) => {
      this.#workers.delete(worker);
      this.#free = this.#free.filter((other) => other !== worker);
      this.#takeBack(worker);
      if (this.#stopping) {
        this.#clean &&= code === 0;
        this.#check();
      } else {
        const how = `worker ${worker.process.pid} has ended with ${signal || code}`;
        this.#replace(how, served === undefined ? undefined : performance.now() - served);
      }
    });
  }

  /** Takes no more connections, and has the workers stop in order. */
  stop(): Promise<boolean> {
    if (!this.#stopping) {
      this.#stopping = true;
      this.#server.close();
      for (const socket of this.#waiting.splice(0)) {
        socket.destroy();
      }
      for (const worker of this.#workers) {
        tell(worker, { dram: "stop" });
      }
      // Longer than a worker needs to break off what is left.
      const late = setTimeout(() => this.#kill(), this.#graceTime + 2 * ABORT_TIME);
      this.closed.then(() => clearTimeout(late));
      this.#check();
    }
    return this.closed;
  }

  #handOut(): void {
    while (this.#waiting.length > 0 && this.#free.length > 0) {
      const worker = this.#free.shift();
      const socket = this.#waiting.shift();
      if (worker !== undefined && socket !== undefined) {
        this.#handed.set(worker, socket);
        tell(worker, { dram: "take" }, socket);
      }
    }
  }

  #takeBack(worker: Worker): void {
    const socket = this.#handed.get(worker);
    this.#handed.delete(worker);
    if (this.#stopping) {
      socket?.destroy();
    } else if (socket !== undefined) {
      this.#waiting.unshift(socket);
      this.#handOut();
    }
  }

  /** @param lifetime Milliseconds in which the worker has served; `undefined` if it never did. */
  #replace(how: string, lifetime: number | undefined): void {
    this.#failedStarts += lifetime === undefined ? 1 : 0;
    if (this.#failedStarts >= MAX_FAILED_STARTS) {
      this.#log.write(
        `dram: ${how}, as the ${MAX_FAILED_STARTS}th in a row before it served; giving up\n`,
      );
      this.#kill();
      this.#place.remove();
      process.exit(1);
    }
    const delay = this.#restarts.delay(lifetime ?? 0);
    this.#log.write(`dram: ${how}; another one starts${delay === 0 ? "" : ` in ${delay} ms`}\n`);
    setTimeout(() => {
      if (!this.#stopping) {
        this.start();
      }
    }, delay);
  }

  #kill(): void {
    for (const worker of this.#workers) {
      worker.process.kill("SIGKILL");
    }
  }

  #check(): void {
    if (this.#workers.size === 0) {
      this.#place.remove();
      this.#onClosed(this.#clean);
    }
  }
}

function tell(worker: Worker, message: ToWorker, connection?: Socket): void {
  // That it could not be told is seen at its end.
  worker.send(message, connection, { keepOpen: true }, () => {});
}
