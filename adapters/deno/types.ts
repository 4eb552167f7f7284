// The public types, apart from what makes them: their declarations need no types of Node's.

/** An address as Deno tells it: `Deno.NetAddr`, `Deno.UnixAddr` and the like. */
export interface DenoAddress {
  /** `tcp`, `unix`, ... */
  readonly transport: string;
  /** An IP address; absent for what is no network. */
  readonly hostname?: string;
  /** Absent for what has no ports. */
  readonly port?: number;
}

/** What Deno gives a handler beside the request: the part of `Deno.ServeHandlerInfo` used here. */
export interface DenoInfo {
  /** The client's address. */
  readonly remoteAddr: DenoAddress;
}

/** A handler of requests, for `Deno.serve`. */
export type DenoHandler = (request: Request, info: DenoInfo) => Response | Promise<Response>;

/** What `deno serve` and Deno Deploy want a module to export by default. */
export interface DenoFetch {
  /** Answers one request. */
  fetch: DenoHandler;
}

/** A server that listens. */
export interface DenoServer {
  /** `http://127.0.0.1:8000`; `unix:/path` for a Unix socket. */
  readonly url: string;
  /** `undefined` for a Unix socket. */
  readonly port: number | undefined;
  /**
   * Stops: takes no more connections, closes WebSockets with 1001, lets responses in flight end within
   * `graceTime`, then aborts `dram.signal` and breaks off what is left. Resolves when all is over; the same for every call.
   */
  close(): Promise<void>;
  /** Resolves when the server has stopped, whoever stopped it. */
  readonly closed: Promise<void>;
}
