import { createServer, type Server, type ServerOptions } from "node:http";
import type { Http2SecureServer, Http2Server } from "node:http2";
import type { Server as SecureServer } from "node:https";
import { HEADERS_TIMEOUT, KEEP_ALIVE_TIMEOUT, REQUEST_TIMEOUT } from "./limits.ts";
import type { ServeOptions } from "./serve.ts";
import type { SessionTimes } from "./sessions.ts";

/** Any kind of server that `serve` makes. */
export type AnyServer = Server | SecureServer | Http2Server | Http2SecureServer;

/** The kind of server that the options ask for; it does not listen yet. */
export async function makeServer(options: ServeOptions): Promise<AnyServer> {
  const {
    headersTimeout = HEADERS_TIMEOUT,
    requestTimeout = REQUEST_TIMEOUT,
    keepAliveTimeout = KEEP_ALIVE_TIMEOUT,
  } = options;
  const http1: ServerOptions & SessionTimes & { optimizeEmptyRequests: boolean } = {
    // Node refuses one above the other; 0 is none.
    headersTimeout: requestTimeout > 0 ? Math.min(headersTimeout, requestTimeout) : headersTimeout,
    requestTimeout,
    keepAliveTimeout,
    connectionsCheckingInterval: checkingInterval(headersTimeout, requestTimeout),
    // A request without a body needs none of what Node does to end one.
    optimizeEmptyRequests: true,
  };
  const server = await makePlain(options, http1);
  if ("maxHeadersCount" in server || options.http2 !== true) {
    // No limit but their size: Node would cut what is beyond it in silence; core answers 431.
    Object.assign(server, { maxHeadersCount: 0 });
  }
  return server;
}

async function makePlain(
  { tls, http2 }: ServeOptions,
  http1: ServerOptions & SessionTimes,
): Promise<AnyServer> {
  if (http2 === true) {
    const { createServer, createSecureServer } = await import("node:http2");
    const { limitSession } = await import("./sessions.ts");
    const server =
      tls === undefined
        ? createServer()
        : createSecureServer({ ...http1, ...tls, allowHTTP1: true });
    return server.on("session", (session) => limitSession(session, http1));
  }
  if (tls !== undefined) {
    const { createServer } = await import("node:https");
    return createServer({ ...http1, ...tls });
  }
  return createServer(http1);
}

/** How often Node looks for connections past their time: its 30 s would make 1 s mean 31 s. */
function checkingInterval(...timeouts: number[]): number {
  const shortest = Math.min(...timeouts.filter((timeout) => timeout > 0), 30_000);
  return Math.max(Math.floor(shortest / 4), 100);
}
