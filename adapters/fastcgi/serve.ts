import { BlockList, createServer, isIPv6, type Server, type Socket } from "node:net";
import { type CgiOptions, consoleErrors, LineErrors, quote, Roster } from "../../core/mod.ts";
import { GRACE_TIME, guard, Lifetime, Stop, stopOnSignals } from "../process/mod.ts";
import { Connection, type Serving } from "./connection.ts";
import { REQUEST_TIMEOUT, STOP_SIGNALS } from "./limits.ts";
import { allowedAddresses, checkOptions } from "./options.ts";
import { open } from "./place.ts";
import type { FastcgiRequest } from "./request.ts";
import { supervise } from "./supervisor.ts";
import { isWorker, join } from "./worker.ts";

/** Where and how to serve, and the options of every gateway behind a web server. */
export interface FastcgiOptions extends CgiOptions {
  /** 0 for any that is free. */
  port?: number;
  /** With `port`. Default `127.0.0.1`, which only this machine reaches. */
  host?: string;
  /**
   * A Unix socket to listen on, instead of a port. One that a dead server has left is replaced; it is
   * removed when the server stops.
   */
  path?: string;
  /** The permissions of `path`. Default 0o600: only a web server of the same user may connect. */
  mode?: number;
  /** A socket that listens already, by the number of its descriptor: 0 if a web server has started this process. */
  fd?: number;
  /**
   * Addresses from which a web server may connect to a port; connections of others are closed.
   * Default: those in the environment's FCGI_WEB_SERVER_ADDRS, separated by commas, or any.
   */
  webServerAddresses?: readonly string[];
  /**
   * Milliseconds in which more has to come of a request that is not complete, then its connection is
   * closed. Default 300,000; 0 for no limit.
   */
  requestTimeout?: number;
  /**
   * Serve with so many processes, and replace those that die. Each runs the program from its start;
   * what only one of them is to do asks `cluster.isPrimary` of `node:cluster`. Default: this process
   * alone, which nobody replaces.
   */
  workers?: number;
  /** Milliseconds that responses in flight have when the server stops. Default 10,000. */
  graceTime?: number;
  /** Stop at SIGTERM, SIGINT and SIGUSR1. Default true. */
  signals?: boolean;
}

/** A server that listens. */
export interface FastcgiServer {
  /** `fcgi://127.0.0.1:9000`; `unix:/path` for a Unix socket, `fd:0` for an inherited one. */
  readonly url: string;
  /** `undefined` for a Unix socket. */
  readonly port: number | undefined;
  /**
   * Stops: takes no more connections, lets responses in flight end within `graceTime`, then aborts
   * `dram.signal` and closes what is left. Resolves when all is over; the same for every call.
   */
  close(): Promise<void>;
  /** Resolves when the server has stopped, whoever stopped it. */
  readonly closed: Promise<void>;
}

/** @throws {DramError} `ERR_OPTION`. */
export async function listen(
  createResponder: (lifetime: Lifetime<FastcgiRequest>) => Serving["answer"],
  options: FastcgiOptions,
): Promise<FastcgiServer> {
  checkOptions(options);
  const { workers } = options;
  if (workers !== undefined && !isWorker()) {
    return supervise(workers, options);
  }
  const lifetime = new Lifetime<FastcgiRequest>();
  const log = new LineErrors(options.errors ?? consoleErrors);
  const server = createServer();
  const connections = acceptOn(server, options, {
    answer: createResponder(lifetime),
    lifetime,
    log,
    requestTimeout: options.requestTimeout ?? REQUEST_TIMEOUT,
  });
  const graceTime = options.graceTime ?? GRACE_TIME;
  const stop = new Stop(server, lifetime, graceTime);
  const { remove, ...address } =
    workers === undefined ? await open(server, options) : await join(server, stop);

  lifetime.onStop(() => {
    for (const connection of connections) {
      connection.end();
    }
  });
  const unguard = guard(log);
  const unlisten =
    options.signals === false
      ? undefined
      : stopOnSignals(() => stop.stop(), graceTime, STOP_SIGNALS);
  const closed = stop.closed.then(() => {
    remove();
    unguard();
    unlisten?.();
  });
  return {
    ...address,
    async close() {
      stop.stop();
      await closed;
    },
    closed,
  };
}

function acceptOn(server: Server, options: FastcgiOptions, serving: Serving): Iterable<Connection> {
  const connections = new Roster<Connection>();
  const isAllowed = addressCheck(allowedAddresses(options));
  server.on("connection", (socket) => {
    if (!isAllowed(socket)) {
      const from = quote(socket.remoteAddress ?? "");
      serving.log.write(`dram: closed a connection of ${from}, which is no web server's address\n`);
      socket.destroy();
      return;
    }
    const entry = connections.add(new Connection(socket, serving));
    socket.once("close", () => connections.remove(entry));
  });
  return connections;
}

function addressCheck(addresses: readonly string[] | undefined): (socket: Socket) => boolean {
  if (addresses === undefined) {
    return () => true;
  }
  const list = new BlockList();
  for (const address of addresses) {
    list.addAddress(address, isIPv6(address) ? "ipv6" : "ipv4");
  }
  // A Unix socket has no address: its mode says who may connect.
  return ({ remoteAddress: from }) =>
    from === undefined || list.check(from, isIPv6(from) ? "ipv6" : "ipv4");
}
