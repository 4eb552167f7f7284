import {
  type Application,
  createGateway,
  DramError,
  type Environ,
  extensionOf,
  type GatewayOptions,
  type Platform,
  refuse,
  run,
  type WebSocketOptions,
} from "../../core/mod.ts";
import type { Lifetime } from "../process/mod.ts";
import { Client, type NodeListener } from "./client.ts";
import { toEnviron } from "./environ.ts";
import { checkOptions } from "./options.ts";
import { fromRefusal, isRefused } from "./refusal.ts";
import { fromResponse } from "./response.ts";
import { listen, type NodeServer, type ServeOptions } from "./serve.ts";
import { createSockets, type SocketOptions } from "./sockets.ts";
import { createUpgradeListener, type NodeUpgrade } from "./upgrade.ts";

export type { NodeListener, NodeRequest, NodeResponse } from "./client.ts";
export type { NodeServer, ServeOptions } from "./serve.ts";
export type { AnyServer } from "./server.ts";
export type { SocketOptions } from "./sockets.ts";
export type { NodeUpgrade, NodeUpgradeListener } from "./upgrade.ts";

/**
 * Makes a request listener of an application: `createServer(toNode(application))`.
 *
 * Listening to "checkContinue" with the same function, too, makes `100 Continue` leave when the
 * application first reads, not before. Set `server.maxHeadersCount = 0`: Node would cut what is
 * beyond its limit in silence, dram answers 431. Signals, limits and stray rejections are the
 * server's owner's affair; `serve` takes care of them.
 *
 * @throws {DramError} `ERR_OPTION` for a malformed option.
 */
export function toNode(application: Application, options: GatewayOptions = {}): NodeListener {
  return createListener(application, options, undefined);
}

/**
 * Makes a listener of "upgrade" for a server of your own, beside the listener that `toNode` makes:
 * `server.on("upgrade", await toUpgrade(application, { websocket }))`. Needs the package ws.
 *
 * Node hands it every request that asks for an upgrade. Those that ask for no WebSocket go to the
 * application, but without a body; give the server `shouldUpgradeCallback` to keep them.
 *
 * @throws {DramError} `ERR_OPTION` for a malformed option, without handlers, and without ws.
 */
export async function toUpgrade(
  application: Application,
  options: UpgradeOptions = {},
): Promise<NodeUpgrade> {
  checkOptions(options);
  const { websocket: handlers, maxMessageSize } = extensionOf(application, options);
  if (handlers === undefined) {
    throw new DramError("ERR_OPTION", "toUpgrade: no option websocket or asgi tells what to do");
  }
  const sockets = await createSockets(maxMessageSize, options);
  const listener = createUpgradeListener({
    handlers,
    sockets,
    gateway: createGateway(options, HTTP1),
    lifetime: undefined,
    listener: createListener(application, options, undefined),
  });
  let closed: Promise<void> | undefined;
  return Object.assign(listener, {
    close() {
      closed ??= sockets.stop();
      return closed;
    },
  });
}

/** The options of every adapter, and those of WebSockets. */
export interface UpgradeOptions extends GatewayOptions, WebSocketOptions, SocketOptions {}

/**
 * Serves an application until it is stopped: by `close()`, or by SIGTERM or SIGINT.
 *
 * @returns Once it listens, and the application has started if it has a start.
 * @throws {DramError} `ERR_OPTION` for a malformed option, and if it cannot listen there. Else what
 *   the application says that cannot start.
 */
export async function serve(
  application: Application,
  options: ServeOptions = {},
): Promise<NodeServer> {
  const { websocket: handlers, lifespan, maxMessageSize } = extensionOf(application, options);
  const sockets = handlers === undefined ? undefined : await createSockets(maxMessageSize, options);
  return listen(
    {
      sockets,
      lifespan,
      createListener: (lifetime) => createListener(application, options, lifetime),
      createUpgradeListener: (lifetime, listener) =>
        handlers === undefined || sockets === undefined
          ? undefined
          : createUpgradeListener({
              ...{ handlers, sockets, lifetime, listener },
              gateway: createGateway(options, HTTP1),
            }),
    },
    options,
  );
}

/** The flow of every request. */
function createListener(
  application: Application,
  options: GatewayOptions,
  lifetime: Lifetime<Client> | undefined,
): NodeListener {
  const http1 = createGateway(options, HTTP1);
  const http2 = createGateway(options, HTTP2);
  return (request, response) => {
    const gateway = request.httpVersionMajor === 2 ? http2 : http1;
    const client = new Client(request, response, lifetime);
    if (isRefused(client)) {
      return;
    }
    let environ: Environ;
    try {
      environ = toEnviron(client, gateway);
    } catch (error) {
      fromRefusal(refuse(error, gateway), client, gateway);
      return;
    }
    const answer = run(application, environ, gateway);
    if (answer instanceof Promise) {
      client.watch();
      answer.then((settled) => fromResponse(settled, client, gateway));
    } else {
      fromResponse(answer, client, gateway);
    }
  };
}

const HTTP1: Platform = {
  name: "node",
  capabilities: Object.freeze({
    streaming: true,
    reason: true,
    disconnect: true,
    trailers: true,
    earlyHints: true,
    latin1Headers: true,
    rawTarget: true,
  }),
  multithread: true,
  // Others may listen on the same port (node:cluster) or stand behind the same proxy.
  multiprocess: true,
  runOnce: false,
  headerDecoding: "latin1",
  targetDecoding: "latin1",
  maxBodySize: Number.POSITIVE_INFINITY,
};

const HTTP2: Platform = {
  ...HTTP1,
  // HTTP/2 has no reason phrase (RFC 9113 §8.3.2).
  capabilities: Object.freeze({ ...HTTP1.capabilities, reason: false }),
};
