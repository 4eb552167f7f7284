import {
  type Application,
  createGateway,
  DramError,
  type GatewayOptions,
  type Platform,
} from "../../core/mod.ts";
import { fetchGateway } from "../fetch/mod.ts";
import { extendEnviron } from "./environ.ts";
import { fromResponse } from "./response.ts";

/** The part of a Worker's `ctx` that the gateway uses. */
export interface WorkerContext {
  /** Keeps the Worker running until the promise settles. */
  waitUntil(promise: Promise<unknown>): void;
}

/** A Worker's other handlers, handed through untouched. */
export interface WorkerHandlers {
  /** Of a cron trigger. */
  scheduled?(controller: never, env: never, ctx: never): unknown;
  /** Of a queue's messages. */
  queue?(batch: never, env: never, ctx: never): unknown;
  /** Of an incoming mail. */
  email?(message: never, env: never, ctx: never): unknown;
  /** Of other Workers' logs. */
  tail?(events: never, env: never, ctx: never): unknown;
  /** Of other Workers' traces. */
  trace?(traces: never, env: never, ctx: never): unknown;
}

/** The options of every adapter, and the handlers of events that are no requests. */
export interface WorkerOptions extends GatewayOptions, WorkerHandlers {}

/** The handler of requests in a module Worker. */
export interface WorkerFetch {
  /** Answers one request. */
  fetch(request: Request, env: unknown, ctx: WorkerContext): Response | Promise<Response>;
}

/**
 * Makes a module Worker of an application: `export default toWorker(application)`.
 *
 * Set the compatibility flag `enable_request_signal`: without it `dram.signal` never aborts. workerd
 * learns that a client has left when the next chunk is refused, not before.
 *
 * @throws {DramError} `ERR_OPTION` for a malformed option.
 */
export function toWorker(application: Application): WorkerFetch;
/** The same, with handlers of other events beside it. */
export function toWorker<Options extends WorkerOptions>(
  application: Application,
  options: Options,
): Omit<Options, keyof GatewayOptions> & WorkerFetch;
export function toWorker(application: Application, options: WorkerOptions = {}): WorkerFetch {
  const {
    scriptName,
    maxBodySize,
    errors,
    environ,
    debug,
    underscoreHeaders,
    hopByHop,
    ...handlers
  } = options;
  for (const [name, handler] of Object.entries(handlers)) {
    if (typeof handler !== "function") {
      throw new DramError(
        "ERR_OPTION",
        `option ${name} is neither an option of dram nor a handler`,
      );
    }
  }
  const handle = fetchGateway(application, createGateway(options, PLATFORM), {
    extendEnviron,
    fromResponse,
    waitUntil: (promise, { ctx }) => ctx.waitUntil(promise),
  });
  return { ...handlers, fetch: (request, env, ctx) => handle(request, { env, ctx }) };
}

const PLATFORM: Platform = {
  name: "workers",
  capabilities: Object.freeze({
    streaming: true,
    reason: true,
    disconnect: true,
    trailers: false,
    earlyHints: false,
    // workerd decodes and encodes header values as UTF-8.
    latin1Headers: false,
    // workerd removes dot segments.
    rawTarget: false,
  }),
  multithread: true,
  multiprocess: true,
  runOnce: false,
  headerDecoding: "utf8",
  targetDecoding: "utf8",
  // Cloudflare's edge refuses larger bodies itself, each plan at its own size.
  maxBodySize: Number.POSITIVE_INFINITY,
};
