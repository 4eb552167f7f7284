import {
  type Application,
  createGateway,
  type Environ,
  type GatewayOptions,
  type Platform,
  refuse,
  run,
} from "../../core/mod.ts";
import type { Lifetime } from "../process/mod.ts";
import { Client, type NodeListener } from "./client.ts";
import { toEnviron } from "./environ.ts";
import { fromRefusal, isRefused } from "./refusal.ts";
import { fromResponse } from "./response.ts";
import { listen, type NodeServer, type ServeOptions } from "./serve.ts";

export type { NodeListener, NodeRequest, NodeResponse } from "./client.ts";
export type { NodeServer, ServeOptions } from "./serve.ts";
export type { AnyServer } from "./server.ts";

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
 * Serves an application until it is stopped: by `close()`, or by SIGTERM or SIGINT.
 *
 * @returns Once it listens.
 * @throws {DramError} `ERR_OPTION` for a malformed option, and if it cannot listen there.
 */
export function serve(application: Application, options: ServeOptions = {}): Promise<NodeServer> {
  return listen((lifetime) => createListener(application, options, lifetime), options);
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
