import { isAddress, splitAddress } from "../../../core/mod.ts";
import { type JsonObject, malformed, stringAt } from "../event.ts";
import { groupHeaders, joinHeaders, lastEntry, lastValue, onlyCookie } from "../headers.ts";
import { ALB } from "../limits.ts";
import { type LambdaRequest, PATHS, type Source, WITH_REASON } from "../request.ts";
import { joinTarget, rawQuery } from "../target.ts";
import { hostOf } from "./api.ts";

/** An Application Load Balancer whose target group has multi-value headers on. */
export const albMulti: Source = {
  name: "an Application Load Balancer",
  paths: PATHS,
  limits: ALB,
  capabilities: WITH_REASON,
  toRequest,

  toResult: (response, { text, isBase64 }) => ({
    statusCode: response.status,
    statusDescription: describeStatus(response),
    multiValueHeaders: groupHeaders(response.headers),
    body: text,
    isBase64Encoded: isBase64,
  }),
};

/** An Application Load Balancer by default: one value a header, in both directions. */
export const albSingle: Source = {
  name: "an Application Load Balancer (single-value headers)",
  paths: PATHS,
  limits: ALB,
  capabilities: WITH_REASON,
  toRequest,

  toResult: (response, { text, isBase64 }, warn) => ({
    statusCode: response.status,
    statusDescription: describeStatus(response),
    headers: onlyCookie(
      joinHeaders(response.headers),
      warn,
      "the load balancer takes one value a header; set lambda.multi_value_headers.enabled on its target group",
    ),
    body: text,
    isBase64Encoded: isBase64,
  }),
};

/** The address of the nearest proxy's client: the last entry, before which anything may be forged. */
export function forwardedFor(
  headers: unknown,
): Pick<LambdaRequest, "remoteAddress" | "remotePort"> {
  const entry = lastEntry(headers, "x-forwarded-for");
  if (entry === undefined || !isAddress(entry)) {
    return {};
  }
  const { name, port } = splitAddress(entry);
  return { remoteAddress: name, remotePort: port === "" ? undefined : port };
}

function toRequest(event: JsonObject): LambdaRequest {
  const { headers, multiValueHeaders } = event;
  const map = multiValueHeaders ?? headers;
  if (map === undefined || map === null) {
    throw malformed("headers", map, "an object (or multiValueHeaders)");
  }
  const query = rawQuery(event.multiValueQueryStringParameters, event.queryStringParameters);
  const { remoteAddress, remotePort } = forwardedFor(map);
  const port = lastEntry(map, "x-forwarded-port") ?? "";
  return {
    method: stringAt(event.httpMethod, "httpMethod"),
    target: joinTarget(stringAt(event.path, "path"), query),
    // The load balancer sets these over whatever the client has sent.
    scheme: lastEntry(map, "x-forwarded-proto") === "https" ? "https" : "http",
    serverName: hostOf(map),
    serverPort: /^[0-9]{1,5}$/.test(port) ? port : "",
    protocol: "HTTP/1.1",
    remoteAddress,
    remotePort,
    id: lastValue(map, "x-amzn-trace-id"),
    headers,
    multiValueHeaders,
    body: event.body,
    isBase64Encoded: event.isBase64Encoded,
  };
}

function describeStatus({ status, reason }: { status: number; reason: string }): string {
  return `${status} ${reason}`;
}
