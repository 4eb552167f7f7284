import { DramError, quote } from "../../core/mod.ts";
import { dig, type JsonObject, stringOf } from "./event.ts";
import type { LambdaContext } from "./invocation.ts";

/**
 * Handlers of events that are no requests, by the name of what they are from: `aws:sqs`, `aws:sns`,
 * `aws:s3`, `aws:dynamodb`, `aws:kinesis`, `aws:ses`, `aws:kafka`, `aws:events` (EventBridge and
 * schedules), `aws:logs`, `aws:firehose`, `aws:cognito`, `aws:cloudformation`, `aws:websocket`,
 * `aws:authorizer`, `aws:cloudfront` (its responses), `aws:s3-object-lambda`; `*` for any other, such
 * as a warm-up ping.
 *
 * A handler gets event and context as they are, typed as it declares them (`SQSEvent`, `Context`).
 * What it returns is the result of the invocation: for `aws:sqs`, `{ batchItemFailures }`.
 */
export type EventHandlers = Readonly<Record<string, (event: never, context: never) => unknown>>;

/** An event that is no request. */
export interface OtherEvent {
  /** A key of `EventHandlers`. */
  readonly name: string;
  /** What told it: the place in the event and its value. */
  readonly seen: string;
}

/** The name of what API Gateway tells of a WebSocket. */
export const WEBSOCKET = "aws:websocket";

/** What an event is that is no request. */
export function otherEvent(event: JsonObject): OtherEvent {
  const { Records: records } = event;
  const first: unknown = Array.isArray(records) ? records[0] : undefined;
  const eventType = stringOf(dig(first, "cf", "config", "eventType"));
  if (eventType !== undefined) {
    return seen("aws:cloudfront", "Records[0].cf.config.eventType", eventType);
  }
  // SNS alone writes it with a capital.
  for (const key of ["eventSource", "EventSource"]) {
    const source = stringOf(dig(first, key));
    if (source !== undefined) {
      return seen(source, `Records[0].${key}`, source);
    }
  }
  for (const [key, name] of SIGNS) {
    if (Object.hasOwn(event, key)) {
      return seen(name ?? stringOf(event[key]) ?? "*", key, event[key]);
    }
  }
  const { requestContext: context } = event;
  if (dig(context, "connectionId") !== undefined) {
    return seen(WEBSOCKET, "requestContext.routeKey", dig(context, "routeKey"));
  }
  const source = stringOf(event.source);
  if (source !== undefined) {
    return seen(source, "source", source);
  }
  const keys = Object.keys(event);
  return {
    name: "*",
    seen:
      keys.length === 0 ? "it is empty" : `its keys are ${keys.slice(0, 12).map(quote).join(", ")}`,
  };
}

/**
 * Gives an event to the deployer's handler for it.
 *
 * @throws {DramError} `ERR_EVENT`, naming what was seen, if there is none.
 */
export function handleOther(
  event: unknown,
  context: LambdaContext,
  other: OtherEvent,
  handlers: EventHandlers,
): unknown {
  const key = [other.name, "*"].find((name) => Object.hasOwn(handlers, name));
  const handler = key === undefined ? undefined : handlers[key];
  if (handler === undefined) {
    const socket = other.name === WEBSOCKET ? "options.websocket, or " : "";
    throw new DramError(
      "ERR_EVENT",
      `the event is no HTTP request that dram knows: ${other.seen}; to handle it, give ${socket}options.events[${quote(other.name)}]`,
    );
  }
  // Its own types are for the deployer to choose, with the name that it stands under.
  return handler(event as never, context as never);
}

/** Top-level keys that tell an event, the most specific first; without a name, the value is it. */
const SIGNS: readonly (readonly [key: string, name?: string])[] = [
  ["methodArn", "aws:authorizer"],
  ["routeArn", "aws:authorizer"],
  ["authorizationToken", "aws:authorizer"],
  ["detail-type", "aws:events"],
  ["awslogs", "aws:logs"],
  ["deliveryStreamArn", "aws:firehose"],
  ["triggerSource", "aws:cognito"],
  ["ResourceProperties", "aws:cloudformation"],
  ["getObjectContext", "aws:s3-object-lambda"],
  ["eventSource"],
];

function seen(name: string, path: string, value: unknown): OtherEvent {
  return {
    name,
    seen: typeof value === "string" ? `its ${path} is ${quote(value)}` : `it has ${path}`,
  };
}
