import {
  type Application,
  type Capabilities,
  createGateway,
  DramError,
  describe,
  type Environ,
  extensionOf,
  type Gateway,
  type GatewayOptions,
  isDisconnect,
  type Platform,
  quote,
  refuse,
  run,
  type WebSocketOptions,
} from "../../core/mod.ts";
import { toEnviron } from "./environ.ts";
import { AsgiRequest } from "./request.ts";
import { fromResponse, ResponseParts } from "./response.ts";
import { serveLifespan } from "./servelifespan.ts";
import { serveWebSocket } from "./servewebsocket.ts";
import type { AsgiApplication, AsgiReceive, AsgiSend, HttpScope } from "./types.ts";

/** The options of every adapter, for an ASGI server as the platform. */
export interface ToAsgiOptions extends GatewayOptions, WebSocketOptions {}

/**
 * Makes an ASGI application of an application, for any ASGI server. Handlers of WebSockets serve the
 * websocket scope; without them the application denies it by its own answer.
 *
 * @throws {DramError} `ERR_OPTION` for a malformed option.
 */
export function toAsgi(application: Application, options: ToAsgiOptions = {}): AsgiApplication {
  const { websocket, lifespan, maxMessageSize } = extensionOf(application, options);
  const gatewayOf = createGateways(options);
  return async (scope, receive, send) => {
    switch (scope?.type) {
      case "http":
        return serveHttp(application, gatewayOf(scope), scope, receive, send);
      case "websocket":
        return serveWebSocket(
          { handlers: websocket, application, maxMessageSize },
          gatewayOf(scope),
          scope,
          receive,
          send,
        );
      case "lifespan":
        return serveLifespan(lifespan, receive, send);
      default: {
        const { type }: { type?: unknown } = scope ?? {};
        const found = typeof type === "string" ? quote(type) : describe(type);
        throw new DramError(
          "ERR_ASGI_SCOPE",
          `the type of the scope is ${found}; wanted "http", "websocket" or "lifespan"`,
        );
      }
    }
  };
}

/** The flow of every request. */
async function serveHttp(
  application: Application,
  gateway: Gateway,
  scope: HttpScope,
  receive: AsgiReceive,
  send: AsgiSend,
): Promise<void> {
  const request = new AsgiRequest(scope, receive);
  const parts = new ResponseParts();
  const work = new Set<Promise<unknown>>();
  const way = { request, send, parts, takesTrailers: false };
  let environ: Environ;
  try {
    environ = toEnviron(request, gateway, parts, (promise) => work.add(promise));
  } catch (error) {
    await fromResponse(refuse(error, gateway), way);
    return;
  }
  const takesTrailers = environ["dram.trailers"] !== undefined;
  const answer = run(application, environ, gateway);
  if (answer instanceof Promise) {
    request.watch();
  }
  try {
    await fromResponse(await answer, { ...way, takesTrailers });
  } catch (error) {
    if (!isDisconnect(error)) {
      throw error;
    }
    request.leave();
  } finally {
    // `close()`, and what was given to `dram.wait_until`; these never reject.
    for (const promise of work) {
      await promise;
    }
  }
}

/** One gateway for each set of what servers can do. */
function createGateways(options: GatewayOptions): (scope: ConnectionScope) => Gateway {
  const gateways = new Map<string, Gateway>();
  // Checked now, not at the first request.
  createGateway(options, platformOf({ headers: [], extensions: {} }));
  return (scope) => {
    const platform = platformOf(scope);
    const key = JSON.stringify(platform.capabilities);
    let gateway = gateways.get(key);
    if (gateway === undefined) {
      gateway = createGateway(options, platform);
      gateways.set(key, gateway);
    }
    return gateway;
  };
}

type ConnectionScope = Pick<HttpScope, "extensions" | "raw_path" | "headers">;

function platformOf({ extensions = {}, raw_path: raw }: ConnectionScope): Platform {
  // What ASGI has no word for is told by fromAsgi alone.
  const {
    streaming = true,
    reason = false,
    disconnect = true,
    latin1Headers = true,
    rawTarget = raw !== undefined && raw !== null,
  }: Partial<Capabilities> = extensions["dram.capabilities"] ?? {};
  return {
    name: "asgi",
    capabilities: Object.freeze({
      ...{ streaming, reason, disconnect, latin1Headers, rawTarget },
      trailers: "http.response.trailers" in extensions,
      earlyHints: "http.response.early_hint" in extensions,
    }),
    multithread: true,
    multiprocess: true,
    runOnce: false,
    headerDecoding: "latin1",
    targetDecoding: "latin1",
    maxBodySize: Number.POSITIVE_INFINITY,
  };
}
