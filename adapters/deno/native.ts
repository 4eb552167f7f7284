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
