import { DramError } from "../../../core/mod.ts";
import { decodeBase64 } from "../body.ts";
import { dig, type JsonObject, malformed, objectAt, stringAt, stringOf } from "../event.ts";
import { PATHS } from "../request.ts";
import { hasOwnDomain } from "./source.ts";

/** What has happened to a connection. Of a handshake the rest is a request. */
export type WebSocketEvent =
  | { readonly type: "connect"; readonly id: string }
  | { readonly type: "message"; readonly id: string; readonly data: string | Uint8Array }
  | {
      readonly type: "disconnect";
      readonly id: string;
      readonly code: number | undefined;
      readonly reason: string;
    };

/** @throws {DramError} `ERR_EVENT` for an event that AWS would not have sent. */
export function readEvent(event: JsonObject): WebSocketEvent {
  const context = objectAt(event.requestContext, "requestContext");
  const { connectionId, eventType } = context;
  const id = stringOf(connectionId);
  if (id === undefined) {
    throw malformed("requestContext.connectionId", connectionId, "a string that is not empty");
  }
  // Not by the route, which may be any of the deployer's for a message.
  switch (eventType) {
    case "CONNECT":
      return { type: "connect", id };
    case "MESSAGE":
      return { type: "message", id, data: dataOf(event) };
    case "DISCONNECT":
      return { type: "disconnect", id, ...endOf(context) };
    default:
      throw malformed(
        "requestContext.eventType",
        eventType,
        '"CONNECT", "MESSAGE" or "DISCONNECT"',
      );
  }
}

/**
 * Where the management API of an event's API is. The domain that API Gateway has given it works under
 * a custom one, too.
 *
 * @throws {DramError} `ERR_OPTION` if that cannot be told.
 */
export function endpointOf(event: JsonObject): string {
  // As AWS's own SDKs know it.
  const { AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI: set, AWS_REGION: region } = process.env;
  if (set) {
    return set;
  }
  const context = objectAt(event.requestContext, "requestContext");
  const stage = stringOf(context.stage);
  const api = stringOf(context.apiId);
  const domain = hasOwnDomain(context) ? stringOf(context.domainName) : undefined;
  if (stage !== undefined && domain !== undefined) {
    return `https://${domain}/${stage}`;
  }
  if (stage !== undefined && api !== undefined && region !== undefined) {
    const suffix = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
    return `https://${api}.execute-api.${region}.${suffix}/${stage}`;
  }
  throw new DramError(
    "ERR_OPTION",
    "the event does not tell where its API is managed; give webSocketApi the option endpoint",
  );
}

/** What API Gateway calls an event, for the log. */
export function requestIdOf(event: JsonObject): string | undefined {
  return stringOf(dig(event.requestContext, "requestId"));
}

/** Text; bytes only where the integration's contentHandlingStrategy is CONVERT_TO_BINARY. */
function dataOf({ body, isBase64Encoded }: JsonObject): string | Uint8Array {
  const text = body === undefined || body === null ? "" : stringAt(body, PATHS.body);
  if (isBase64Encoded === true) {
    return decodeBase64(text, PATHS.body);
  }
  if (isBase64Encoded === false || isBase64Encoded === undefined || isBase64Encoded === null) {
    return text;
  }
  throw malformed(PATHS.isBase64Encoded, isBase64Encoded, "true or false");
}

/** Older events, and those of emulators, have neither: then nobody knows of a closing handshake. */
function endOf(context: JsonObject): { code: number | undefined; reason: string } {
  const { disconnectStatusCode: code, disconnectReason: reason } = context;
  return {
    code: code === undefined || code === null ? undefined : codeAt(code),
    reason:
      reason === undefined || reason === null
        ? ""
        : stringAt(reason, "requestContext.disconnectReason"),
  };
}

function codeAt(code: unknown): number {
  if (typeof code !== "number" || !Number.isInteger(code) || code < 1000 || code > 4999) {
    throw malformed("requestContext.disconnectStatusCode", code, "a whole number of 1000 to 4999");
  }
  return code;
}
