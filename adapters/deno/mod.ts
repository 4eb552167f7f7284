import {
  type Application,
  createGateway,
  errorResponse,
  type GatewayOptions,
  type Platform,
} from "../../core/mod.ts";
import { fetchGateway } from "../fetch/mod.ts";
import { Client, type Host } from "./client.ts";
import { extendEnviron } from "./environ.ts";
import type { ServeOptions } from "./options.ts";
import { fromResponse } from "./response.ts";
import type { DenoFetch, DenoHandler, DenoServer } from "./types.ts";

export type { ServeOptions } from "./options.ts";
export type { DenoAddress, DenoFetch, DenoHandler, DenoInfo, DenoServer } from "./types.ts";

/**
 * Makes what `deno serve` and Deno Deploy serve of an application:
 * `export default toDeno(application)`.
 *
 * Signals, limits and stray rejections are then Deno's affair; `serve` takes care of them.
 *
 * @throws {DramError} `ERR_OPTION` for a malformed option.
 */
export function toDeno(application: Application, options: GatewayOptions = {}): DenoFetch {
  return { fetch: createHandler(application, options, undefined) };
}

/**
 * Serves an application until it is stopped: by `close()`, or by SIGTERM or SIGINT.
 *
 * @returns Once it listens.
 * @throws {DramError} `ERR_OPTION` for a malformed option, and if it cannot listen there.
 */
export async function serve(
  application: Application,
  options: ServeOptions = {},
): Promise<DenoServer> {
  // Not before it is wanted: what stops a process is nothing for an edge runtime to load.
  const { listen } = await import("./serve.ts");
  return listen((host) => createHandler(application, options, host), options);
}

/** The flow of every request. */
function createHandler(
  application: Application,
  options: GatewayOptions,
  host: Host | undefined,
): DenoHandler {
  const handle = fetchGateway<Client>(application, createGateway(options, PLATFORM), {
    hostInUrl: true,
    server: (client) => client.host,
    signal: (client) => client.signal,
    extendEnviron,
    fromResponse,
    waitUntil: (promise, client) => client.host?.lifetime.waitUntil(promise),
  });
  return (request, info) => {
    const client = new Client(info, host);
    const answer = handle(request, client);
    return answer instanceof Promise ? orLeave(answer, request, client) : answer;
  };
}

/** Waits for an answer no longer than its client, or the server that stops, does. */
function orLeave(answer: Promise<Response>, request: Request, client: Client): Promise<Response> {
  client.begin();
  // Not before it is needed: Deno makes the signal when it is first asked for.
  request.signal.addEventListener("abort", () => client.disconnect());
  return new Promise((resolve, reject) => {
    answer.then(resolve, reject);
    client.onLeave((reason) => {
      // If the answer is on its way already, this only ends the exchange. Last, because a server that
      // stops waits for what leaving has set off.
      resolve(fromResponse(errorResponse(reason, false), request, client));
    });
  });
}

const PLATFORM: Platform = {
  name: "deno",
  capabilities: Object.freeze({
    streaming: true,
    // Deno sends its own phrase for each status.
    reason: false,
    disconnect: true,
    trailers: false,
    earlyHints: false,
    latin1Headers: true,
    rawTarget: true,
  }),
  multithread: true,
  // `deno serve --parallel`, and the isolates of Deno Deploy.
  multiprocess: true,
  runOnce: false,
  headerDecoding: "latin1",
  targetDecoding: "utf8",
  maxBodySize: Number.POSITIVE_INFINITY,
};
