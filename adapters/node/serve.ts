import type { TlsOptions } from "node:tls";
import {
  consoleErrors,
  type GatewayOptions,
  type Lifespan,
  LineErrors,
  type WebSocketOptions,
} from "../../core/mod.ts";
import { addressOf, bind, endInOrder, GRACE_TIME, Lifetime, Stop } from "../process/mod.ts";
import type { Client, NodeListener } from "./client.ts";
import { checkOptions } from "./options.ts";
import { type AnyServer, makeServer } from "./server.ts";
import type { SocketOptions, Sockets } from "./sockets.ts";
import { answerUnparsed } from "./unparsed.ts";
import { isWebSocket, type NodeUpgradeListener } from "./upgrade.ts";

/** Where and how to serve, and the options of every adapter. */
export interface ServeOptions extends GatewayOptions, WebSocketOptions, SocketOptions {
  /** Default 8000; 0 for any that is free. */
  port?: number;
  /** Default `127.0.0.1`, which only this machine reaches; `0.0.0.0` or `::` for every address. */
  host?: string;
  /** A Unix socket to listen on, instead of a port. Not removed if a dead server has left it. */
  path?: string;
  /** Key, certificate and what else `node:tls` takes: HTTPS. */
  tls?: TlsOptions;
  /**
   * Serve HTTP/2: with `tls` beside HTTP/1.1, as the client chooses (ALPN); without it, to clients
   * that know beforehand. Default false.
   */
  http2?: boolean;
  /**
   * Milliseconds for the head of a request, then 408; of HTTP/2, for the first one of a connection,
   * then GOAWAY. Default 20,000; 0 for no limit.
   */
  headersTimeout?: number;
  /**
   * Milliseconds for a whole request, then 408; of HTTP/2, then the stream is reset. Default
   * 300,000; 0 for no limit.
   */
  requestTimeout?: number;
  /**
   * Milliseconds that an idle connection is kept. Default 65,000, longer than proxies keep theirs; 0
   * for no limit.
   */
  keepAliveTimeout?: number;
  /**
   * Milliseconds in which neither side sends anything, then 503, or the end of a response that has
   * begun. Default 0, no limit: events may be rare.
   */
  idleTimeout?: number;
  /** Milliseconds that responses in flight have when the server stops. Default 10,000. */
  graceTime?: number;
  /** Stop at SIGTERM and SIGINT. Default true. */
  signals?: boolean;
}

/** A server that listens. */
export interface NodeServer {
  /** `http://127.0.0.1:8000`; `unix:/path` for a Unix socket. */
  readonly url: string;
  /** `undefined` for a Unix socket. */
  readonly port: number | undefined;
  /** Node's own server, for its events and limits. */
  readonly server: AnyServer;
  /**
   * Stops: takes no more connections, lets responses in flight end within `graceTime`, then aborts
   * `dram.signal` and closes what is left. Resolves when all is over; the same for every call.
   */
  close(): Promise<void>;
  /** Resolves when the server has stopped, whoever stopped it. */
  readonly closed: Promise<void>;
}

/** What is to be served. */
export interface Served {
  readonly sockets: Sockets | undefined;
  readonly lifespan: Lifespan | undefined;
  createListener(lifetime: Lifetime<Client>): NodeListener;
  createUpgradeListener(
    lifetime: Lifetime<Client>,
    listener: NodeListener,
  ): NodeUpgradeListener | undefined;
}

/**
 * Makes a server of listeners.
 *
 * @throws {DramError} `ERR_OPTION`.
 */
export async function listen(served: Served, options: ServeOptions): Promise<NodeServer> {
  checkOptions(options);
  const { sockets, lifespan } = served;
  const lifetime = new Lifetime<Client>();
  const listener = served.createListener(lifetime);
  const upgradeListener = served.createUpgradeListener(lifetime, listener);
  const server = await makeServer(options);
  if (upgradeListener !== undefined) {
    server.on("upgrade", upgradeListener);
    // From Node 24.9 on, a request for any other protocol stays what it would be without a listener.
    Object.assign(server, { shouldUpgradeCallback: isWebSocket });
  }
  server.on("request", listener);
  // So that `100 Continue` is sent when the application reads.
  server.on("checkContinue", listener);
  answerUnparsed(server, lifetime);
  server.setTimeout(options.idleTimeout ?? 0);
  const { port = 8000, host = "127.0.0.1", path } = options;
  await lifespan?.startup();
  try {
    await bind(server, path === undefined ? { port, host } : { path }, path ?? `${host}:${port}`);
  } catch (error) {
    await lifespan?.shutdown();
    throw error;
  }

  const graceTime = options.graceTime ?? GRACE_TIME;
  const stop = new Stop(server, lifetime, graceTime);
  const errors = new LineErrors(options.errors ?? consoleErrors);
  const { signals = true } = options;
  return {
    ...addressOf(server, options.tls === undefined ? "http" : "https", options),
    server,
    ...endInOrder({ stop, lifetime, sockets, lifespan, errors, graceTime, signals }),
  };
}
