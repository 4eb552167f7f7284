import { DramError, type GatewayOptions, type WebSocketOptions } from "../../core/mod.ts";
import { checkGiven, isBoolean, isName, isObject, isPort, isTime } from "../process/mod.ts";

/** How WebSockets are kept. */
export interface SocketOptions {
  /**
   * Milliseconds, in whole seconds, of silence after which Deno pings a client, and again until it
   * disconnects one that does not answer, with 1006. Default 30,000; 0 for none.
   */
  pingInterval?: number;
}

/** The options of every adapter, and those of WebSockets. */
export interface DenoOptions extends GatewayOptions, WebSocketOptions, SocketOptions {}

/** Where and how to serve, and the options of every adapter. */
export interface ServeOptions extends DenoOptions {
  /** Default 8000; 0 for any that is free. */
  port?: number;
  /** Default `127.0.0.1`, which only this machine reaches; `0.0.0.0` or `::` for every address. */
  host?: string;
  /**
   * A Unix socket to listen on, instead of a port. Removed when the server stops, not if a dead one
   * has left it.
   */
  path?: string;
  /** Key and certificate chain, PEM: HTTPS, with HTTP/2 beside HTTP/1.1 as the client chooses. */
  tls?: { readonly key: string; readonly cert: string };
  /** Milliseconds that responses in flight have when the server stops. Default 10,000. */
  graceTime?: number;
  /** Stop at SIGTERM and SIGINT. Default true. */
  signals?: boolean;
}

/**
 * Checks what `serve` takes beyond the options of every adapter.
 *
 * @throws {DramError} `ERR_OPTION`, naming the option, what was found and what was wanted.
 */
export function checkOptions(options: ServeOptions): void {
  checkGiven(options, "port", isPort, "a number from 0 (any that is free) to 65535");
  checkGiven(options, "host", isName, "a host name or address");
  checkGiven(options, "path", isName, "the path of a Unix socket");
  checkGiven(options, "tls", isObject, "an object with key and cert");
  checkGiven(options, "graceTime", isTime, "a whole number of milliseconds");
  checkGiven(options, "signals", isBoolean, "true or false");
  for (const other of ["port", "host", "tls"] as const) {
    // Deno would serve the socket, and without TLS.
    if (options.path !== undefined && options[other] !== undefined) {
      throw new DramError("ERR_OPTION", `options ${other} and path are given; wanted one of them`);
    }
  }
}
