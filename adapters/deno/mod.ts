import {
  type Application,
  checkHandshake,
  createGateway,
  type Environ,
  errorResponse,
  extensionOf,
  type Gateway,
  type Lifespan,
  type Platform,
  refuseHandshake,
} from "../../core/mod.ts";
import { answerHandshake, fetchGateway } from "../fetch/mod.ts";
import { checkGiven, isTime } from "../process/mod.ts";
import { Client, type Host } from "./client.ts";
import { extendEnviron } from "./environ.ts";
import type { DenoOptions, ServeOptions } from "./options.ts";
import { denoParts, fromResponse } from "./response.ts";
import { Sockets } from "./sockets.ts";
import type { DenoFetch, DenoHandler, DenoServer } from "./types.ts";

export type { DenoOptions, ServeOptions, SocketOptions } from "./options.ts";
export type { DenoAddress, DenoFetch, DenoHandler, DenoInfo, DenoServer } from "./types.ts";

/**
 * Makes what `deno serve` and Deno Deploy serve of an application:
 * `export default toDeno(application)`.
 *
 * Signals, limits and stray rejections are then Deno's affair; `serve` takes care of them.
 *
 * @throws {DramError} `ERR_OPTION` for a malformed option.
 */
export function toDeno(application: Application, options: DenoOptions = {}): DenoFetch {
  const { sockets } = extend(application, options);
  return { fetch: createHandler(application, options, sockets, undefined) };
}

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
): Promise<DenoServer> {
  // Not before it is wanted: what stops a process is nothing for an edge runtime to load.
  const { listen } = await import("./serve.ts");
  const { sockets, lifespan } = extend(application, options);
  const served = {
    ...{ sockets, lifespan },
    createHandler: (host: Host) => createHandler(application, options, sockets, host),
  };
  return listen(served, options);
}

/** What the options say beyond HTTP. */
function extend(
  application: Application,
  options: DenoOptions,
): { sockets: Sockets | undefined; lifespan: Lifespan | undefined } {
  const { websocket, lifespan, maxMessageSize } = extensionOf(application, options);
  checkGiven(options, "pingInterval", isTime, "a whole number of milliseconds");
  const sockets =
    websocket === undefined ? undefined : new Sockets(websocket, maxMessageSize, options);
  return { sockets, lifespan };
}

/** The flow of every request. */
function createHandler(
  application: Application,
  options: DenoOptions,
  sockets: Sockets | undefined,
  host: Host | undefined,
): DenoHandler {
  const gateway = createGateway(options, PLATFORM);
  const handle = fetchGateway<Client>(application, gateway, {
    hostInUrl: true,
    nativeInput: true,
    server: (client) => client.host,
    signal: (client) => client.signal,
    extendEnviron,
    fromResponse,
    responseParts: denoParts,
    upgrade: sockets && ((...exchange) => upgrade(...exchange, gateway, sockets)),
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
  return new Promise((resolve, reject) => {
    let isThere = false;
    answer.then((response) => {
      isThere = true;
      resolve(response);
    }, reject);
    client.onLeave((reason) => {
      // If the answer is on its way already, this only ends the exchange. Last, because a server that
      // stops waits for what leaving has set off.
      resolve(fromResponse(errorResponse(reason, false), request, client));
    });
    watch(request, client, () => isThere);
  });
}

/**
 * Tells a client whose answer is not there that it has left. Not before the microtasks of an
 * application that waits for nothing are done, during which nobody can leave: Deno makes the signal
 * when it is first asked for, and takes 20 of 45 µs for it.
 */
async function watch(request: Request, client: Client, isThere: () => boolean): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) {
    await undefined;
    if (isThere()) {
      return;
    }
  }
  request.signal.addEventListener("abort", () => client.disconnect());
}

/** Turns of the microtask queue. An async application behind a middleware takes eight. */
const TURNS = 16;

/** The flow of every handshake. */
async function upgrade(
  environ: Environ,
  request: Request,
  client: Client,
  gateway: Gateway,
  sockets: Sockets,
): Promise<Response> {
  try {
    checkHandshake(environ);
  } catch (error) {
    return fromResponse(refuseHandshake(error, gateway), request, client);
  }
  return answerHandshake(environ, request, client, gateway, sockets);
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
