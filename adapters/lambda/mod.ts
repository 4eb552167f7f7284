import {
  type Application,
  createGateway,
  DramError,
  type GatewayOptions,
  isStream,
  type Platform,
} from "../../core/mod.ts";
import { asEvent, classify } from "./classify.ts";
import { isObject } from "./event.ts";
import { type EventHandlers, handleOther, WEBSOCKET } from "./events.ts";
import { begin, type Lambda, respondLater, toResult } from "./exchange.ts";
import type { LambdaContext } from "./invocation.ts";
import { DEADLINE_MARGIN, MAX_BODY_SIZE } from "./limits.ts";
import { InvocationLog, type LambdaLogger } from "./logger.ts";
import { BUFFERED } from "./request.ts";
import { type LambdaStream, sendStream, sendValue, streamingRuntime } from "./stream.ts";
import type { WebSocketApi } from "./websocket/api.ts";

export type { EventHandlers } from "./events.ts";
export type { LambdaContext } from "./invocation.ts";
export type { LambdaLogger } from "./logger.ts";
export type { LambdaStream } from "./stream.ts";
export { type WebSocketApi, type WebSocketApiOptions, webSocketApi } from "./websocket/api.ts";
export type { AttachmentStore, Awaitable } from "./websocket/attachment.ts";
export { type ConnectionClient, connectionClient } from "./websocket/client.ts";

/** The options of every adapter, and what only Lambda has. */
export interface LambdaOptions extends GatewayOptions {
  /**
   * A structured logger, such as `new Logger()` of `@aws-lambda-powertools/logger`, for
   * `wsgi.errors` and the gateway's own lines, in the place of `errors`. Each line carries the
   * request id, the correlation id and whether it was a cold start, of its own invocation.
   */
  logger?: LambdaLogger;
  /** Handlers of events that are no HTTP requests. Without one, such an invocation fails. */
  events?: EventHandlers;
  /** Takes the events of an API Gateway WebSocket API: `webSocketApi(handlers)`. */
  websocket?: WebSocketApi;
  /**
   * Milliseconds before the function's timeout at which a request is ended: `dram.signal` aborts,
   * the body is closed, the client is answered 504. Default 500, and never more than half the time.
   */
  deadlineMargin?: number;
}

/**
 * A handler of Lambda's, for any source of events. Which result it gives is told by the event, so the
 * type of it is the caller's to say: `APIGatewayProxyHandlerV2` and its like in `@types/aws-lambda`.
 */
export type LambdaHandler = <Result = unknown>(
  event: unknown,
  context: LambdaContext,
) => Promise<Result>;

/** A handler whose response is streamed. */
export type LambdaStreamHandler = (
  event: unknown,
  stream: LambdaStream,
  context: LambdaContext,
) => Promise<void>;

/**
 * Makes a Lambda handler of an application: `export const handler = toLambda(application)`.
 *
 * It serves whatever invokes the function, told by the event: API Gateway (REST and HTTP APIs,
 * payloads 1.0 and 2.0), function URLs, Application Load Balancers, VPC Lattice, Lambda@Edge at a
 * viewer or origin request. An event that is no request, or is malformed, fails the invocation, and
 * the application is not called.
 *
 * @throws {DramError} `ERR_OPTION` for a malformed option.
 */
export function toLambda(application: Application, options: LambdaOptions = {}): LambdaHandler {
  return bufferedHandler(createLambda(application, options), options);
}

/**
 * As `toLambda`, with the response streamed where the source can: a function URL with invoke mode
 * RESPONSE_STREAM, a REST API with response transfer mode STREAM. For any other source, and where the
 * runtime cannot stream at all, it answers as `toLambda` does.
 *
 * Status and headers leave with the first chunk; what breaks the body after that is reported to the
 * runtime. Lambda does not tell when the client leaves.
 *
 * @throws {DramError} `ERR_OPTION` for a malformed option.
 */
export function toLambdaStream(
  application: Application,
  options: LambdaOptions = {},
): LambdaHandler | LambdaStreamHandler {
  const lambda = createLambda(application, options);
  const handle = bufferedHandler(lambda, options);
  const runtime = streamingRuntime();
  if (runtime === undefined) {
    return handle;
  }
  return runtime.streamifyResponse(async (value, stream, context) => {
    const event = asEvent(value);
    const source = classify(event);
    if ("toPrelude" in source) {
      await sendStream(begin(lambda, source, event, context, true), stream, runtime);
    } else {
      await sendValue(await handle(event, context), stream);
    }
  });
}

function bufferedHandler(lambda: Lambda, { events = {}, websocket }: LambdaOptions): LambdaHandler {
  const handle = async (value: unknown, context: LambdaContext): Promise<unknown> => {
    const event = asEvent(value);
    const source = classify(event);
    if (!("toRequest" in source)) {
      if (websocket !== undefined && source.name === WEBSOCKET) {
        return websocket.handle(lambda, event, context);
      }
      lambda.coldStart = false;
      return handleOther(event, context, source, events);
    }
    const exchange = begin(lambda, source, event, context, false);
    const { response, invocation } = exchange;
    return response instanceof Promise || isStream(response.body) || invocation.isWaiting
      ? respondLater(exchange)
      : toResult(exchange, response);
  };
  // The source of the event, which no type can know, decides what the result is.
  return handle as LambdaHandler;
}

function createLambda(application: Application, options: LambdaOptions): Lambda {
  const { logger, events = {}, websocket, deadlineMargin = DEADLINE_MARGIN } = options;
  check(
    "logger",
    logger === undefined || typeof logger?.error === "function",
    "an object with an error method",
  );
  check("logger", logger === undefined || options.errors === undefined, "either it or errors");
  check(
    "deadlineMargin",
    typeof deadlineMargin === "number" && deadlineMargin >= 0,
    "a number of milliseconds",
  );
  check("events", isObject(events), "an object of functions");
  for (const [name, handler] of Object.entries(events)) {
    check(`events[${JSON.stringify(name)}]`, typeof handler === "function", "a function");
  }
  check(
    "websocket",
    websocket === undefined || typeof websocket?.handle === "function",
    "what webSocketApi makes: { websocket: webSocketApi(handlers) }",
  );
  check(
    "websocket",
    websocket === undefined || !Object.hasOwn(events, WEBSOCKET),
    `either it or events[${JSON.stringify(WEBSOCKET)}]`,
  );
  check(
    "asgi",
    !("asgi" in options),
    "websocket: an ASGI application runs as long as its WebSocket, which on API Gateway outlives every invocation",
  );
  const gateway = createGateway(
    logger === undefined
      ? options
      : { ...options, errors: new InvocationLog(logger, undefined, false) },
    platform(),
  );
  return {
    application,
    gateway,
    logger,
    margin: deadlineMargin,
    warned: new Set(),
    coldStart: true,
  };
}

function check(name: string, isRight: boolean, wanted: string): void {
  if (!isRight) {
    throw new DramError("ERR_OPTION", `option ${name}: wanted ${wanted}`);
  }
}

function platform(): Platform {
  return {
    name: "lambda",
    capabilities: BUFFERED,
    // Lambda gives a process one request at a time, unless it says how many.
    multithread: process.env.AWS_LAMBDA_MAX_CONCURRENCY !== undefined,
    multiprocess: true,
    runOnce: false,
    headerDecoding: "utf8",
    targetDecoding: "utf8",
    maxBodySize: MAX_BODY_SIZE,
  };
}
