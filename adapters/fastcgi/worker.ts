import cluster from "node:cluster";
import { type Server, Socket } from "node:net";
import { DramError } from "../../core/mod.ts";
import type { Stop } from "../process/mod.ts";
import type { Place } from "./place.ts";

/** What a supervisor says to its worker; with `take`, a connection. */
export type ToWorker =
  | { readonly dram: "serve"; readonly url: string; readonly port: number | undefined }
  | { readonly dram: "take" }
  | { readonly dram: "stop" };

/** What a worker says: that it may be given a connection. */
export interface ToSupervisor {
  readonly dram: "free";
}

const FREE: ToSupervisor = { dram: "free" };

/** Set in the environment of a supervisor's worker, for the program may have a cluster of its own. */
export const WORKER_VARIABLE = "DRAM_FASTCGI_WORKER";

/**
 * Whether this process has been started by a supervisor.
 *
 * @throws {DramError} `ERR_OPTION` in a worker of another cluster, which can start none of its own.
 */
export function isWorker(): boolean {
  if (cluster.isWorker && process.env[WORKER_VARIABLE] === undefined) {
    throw new DramError(
      "ERR_OPTION",
      "option workers is given in a process that is a worker itself, of another cluster",
    );
  }
  return cluster.isWorker;
}

/**
 * Has a server that listens nowhere take its connections from the supervisor, until that says stop.
 *
 * @returns Where the supervisor listens.
 */
export function join(server: Server, stop: Stop): Promise<Place> {
  return new Promise((resolve) => {
    process.on("message", (message: ToWorker, connection: unknown) => {
      switch (message?.dram) {
        case "serve":
          resolve({ url: message.url, port: message.port, remove() {} });
          break;
        case "take":
          process.send?.(FREE);
          // There is none if its client has left on the way.
          if (connection instanceof Socket) {
            server.emit("connection", connection);
          }
          break;
        case "stop":
          leave(stop);
      }
    });
    stop.closed.then(() => cluster.worker?.disconnect());
    process.send?.(FREE);
  });
}

async function leave(stop: Stop): Promise<void> {
  if (!(await stop.stop())) {
    process.exit(1);
  }
}
