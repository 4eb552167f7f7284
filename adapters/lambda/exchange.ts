import {
  type Application,
  DramError,
  type Environ,
  type ErrorStream,
  errorResponse,
  explain,
  type Gateway,
  type GatewayResponse,
  type HeaderList,
  isStream,
  logLine,
  refuse,
  run,
} from "../../core/mod.ts";
import { encodeBody } from "./body.ts";
import { toEnviron } from "./environ.ts";
import type { JsonObject } from "./event.ts";
import { Invocation, type LambdaContext } from "./invocation.ts";
import type { Limit } from "./limits.ts";
import { InvocationLog, type LambdaLogger } from "./logger.ts";
import { type Source, STREAMING } from "./request.ts";

/** What one public function makes once, for all its invocations. */
export interface Lambda {
  readonly application: Application;
  readonly gateway: Gateway;
  readonly logger: LambdaLogger | undefined;
  /** Milliseconds before the function's timeout at which a request is ended. */
  readonly margin: number;
  /** The sources whose ways have been warned of. */
  readonly warned: Set<Source>;
  /** Whether no invocation has begun in this process. */
  coldStart: boolean;
}

/** A request under way: what is still needed of it when the application has had its environ. */
export interface Exchange {
  readonly lambda: Lambda;
  readonly source: Source;
  readonly invocation: Invocation;
  readonly errors: ErrorStream;
  readonly method: string;
  readonly uri: string;
  readonly id: string | undefined;
  readonly response: GatewayResponse | Promise<GatewayResponse>;
}

/**
 * From the event to what the application answers: event, environ, `run`.
 *
 * @param streaming Whether chunks will be sent one by one.
 * @param respond Answers in the place of the application. Default: `run`.
 * @throws {DramError} `ERR_EVENT` for an event that AWS would not have sent.
 */
export function begin(
  lambda: Lambda,
  source: Source,
  event: JsonObject,
  context: LambdaContext,
  streaming: boolean,
  respond?: (environ: Environ) => Promise<GatewayResponse>,
): Exchange {
  const { application, gateway, logger } = lambda;
  const invocation = new Invocation(context, lambda.margin);
  const log = logger && new InvocationLog(logger, context, lambda.coldStart);
  const errors = log ?? gateway.errors;
  const capabilities = streaming ? STREAMING : source.capabilities;
  lambda.coldStart = false;
  let method = "";
  let environ: Environ;
  try {
    const request = source.toRequest(event);
    method = request.method;
    if (log !== undefined) {
      log.correlationId = request.id;
    }
    const native = { event, context, invocation, capabilities, errors };
    environ = toEnviron(request, source.paths, gateway, native);
  } catch (error) {
    if (!(error instanceof DramError) || error.code === "ERR_EVENT") {
      throw error;
    }
    const response = withoutBodyToHead(method, refuse(error, gateway, errors));
    return { lambda, source, invocation, errors, method, uri: "", id: undefined, response };
  }
  return {
    lambda,
    source,
    invocation,
    errors: environ["wsgi.errors"],
    method,
    uri: environ.REQUEST_URI,
    id: context?.awsRequestId,
    response: respond === undefined ? run(application, environ, gateway) : respond(environ),
  };
}

/** The log of an invocation that is no request; `id` is what its source calls it. */
export function logOf(lambda: Lambda, context: LambdaContext, id: string | undefined): ErrorStream {
  const { logger, gateway, coldStart } = lambda;
  lambda.coldStart = false;
  if (logger === undefined) {
    return gateway.errors;
  }
  const log = new InvocationLog(logger, context, coldStart);
  log.correlationId = id;
  return log;
}

/** The result of an exchange that takes time. */
export async function respondLater(exchange: Exchange): Promise<unknown> {
  exchange.invocation.arm();
  try {
    const response = await collect(exchange, await answered(exchange));
    const result = toResult(exchange, response);
    await settle(exchange);
    return result;
  } finally {
    exchange.invocation.close();
  }
}

/** What the application answers, or the page for having taken too long. */
export async function answered(exchange: Exchange): Promise<GatewayResponse> {
  try {
    return await exchange.invocation.race(exchange.response);
  } catch (error) {
    return failed(exchange, error);
  }
}

/** Pulls a body to its end; one that breaks, takes too long or grows too large becomes a page. */
async function collect(exchange: Exchange, response: GatewayResponse): Promise<GatewayResponse> {
  const { body } = response;
  if (!isStream(body)) {
    return response;
  }
  const { invocation } = exchange;
  const { result: limit } = exchange.source.limits;
  const stop = (): void => body.cancel();
  invocation.signal.addEventListener("abort", stop);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (let chunk = await body.next(); chunk !== null; chunk = await body.next()) {
      size += chunk.length;
      if (size > limit.bytes) {
        body.cancel();
        return failed(exchange, tooLarge(limit));
      }
      chunks.push(chunk);
    }
  } catch (error) {
    return errorPage(exchange, error);
  } finally {
    invocation.signal.removeEventListener("abort", stop);
  }
  return invocation.ended === undefined
    ? { ...response, body: chunks }
    : failed(exchange, invocation.ended);
}

/** The result of a whole response; of the page that says so, where the source cannot take it. */
export function toResult(exchange: Exchange, response: GatewayResponse): unknown {
  try {
    return resultWithinLimits(exchange, response);
  } catch (error) {
    return resultWithinLimits(exchange, failed(exchange, error));
  }
}

/** Waits for what is to be done before the runtime freezes. */
export async function settle(exchange: Exchange): Promise<void> {
  if (!(await exchange.invocation.settled())) {
    line(exchange, "something given to dram.wait_until, or a close(), had not settled in time");
  }
}

/** Writes the error to the log, and gives the page for it. */
export function failed(exchange: Exchange, error: unknown): GatewayResponse {
  line(exchange, explain(error));
  return errorPage(exchange, error);
}

export function tooLarge(limit: Limit): DramError {
  return new DramError(
    "ERR_RESPONSE_TOO_LARGE",
    `${limit.of} has at most ${limit.bytes} bytes; ${limit.remedy}`,
  );
}

/** @throws {DramError} `ERR_RESPONSE_TOO_LARGE`. */
export function checkHeaders(source: Source, headers: HeaderList): number {
  let size = 0;
  for (const [name, value] of headers) {
    size += name.length + value.length;
  }
  const { headers: limit } = source.limits;
  if (limit !== undefined && size > limit.bytes) {
    throw tooLarge(limit);
  }
  return size;
}

function resultWithinLimits(exchange: Exchange, response: GatewayResponse): unknown {
  const { source } = exchange;
  const { result: limit } = source.limits;
  const headerSize = checkHeaders(source, response.headers);
  if ((response.length ?? 0) > limit.bytes) {
    throw tooLarge(limit);
  }
  const body = encodeBody(response.headers, response.body);
  const result = source.toResult(response, body, (message) => warn(exchange, message));
  // JSON takes at most six bytes for a character, and one for each of base64.
  const most = body.text.length * (body.isBase64 ? 1 : 6) + headerSize * 6 + FRAME;
  if (most > limit.bytes && Buffer.byteLength(JSON.stringify(result)) > limit.bytes) {
    throw tooLarge(limit);
  }
  return result;
}

/** More than the keys and punctuation of any result with headers of no size. */
const FRAME = 20_000;

function errorPage({ method }: Exchange, error: unknown): GatewayResponse {
  return withoutBodyToHead(method, errorResponse(error, false));
}

function withoutBodyToHead(method: string, page: GatewayResponse): GatewayResponse {
  return method === "HEAD" ? { ...page, body: null } : page;
}

function warn(exchange: Exchange, message: string): void {
  const { warned } = exchange.lambda;
  if (!warned.has(exchange.source)) {
    warned.add(exchange.source);
    line(exchange, `${message}; this is said once`);
  }
}

function line({ errors, method, uri, id }: Exchange, message: string): void {
  logLine(errors, method, uri, id, message);
}
