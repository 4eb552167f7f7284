// The payload format 2.0 of HTTP APIs and function URLs.

import {
  encodeBody,
  formDecode,
  forwarded,
  group,
  isNamed,
  lastValue,
  logTime,
  lowerCase,
  parameters,
  single,
} from "./fields.ts";
import type { Field, HttpRequest, HttpResponse, Site } from "./message.ts";
import { bodyOf, isObject, malformed, singleOf, statusOf } from "./result.ts";

/** What the two do not have in common. */
interface Own {
  readonly rawPath: string;
  /** As `requestContext.http` has it: decoded by both. */
  readonly path: string;
  readonly context: Readonly<Record<string, unknown>>;
  /** Whether the cookies stay among the headers, too. */
  readonly cookieHeader: boolean;
}

export function toEvent2(
  request: HttpRequest,
  site: Site,
  { rawPath, path, context, cookieHeader }: Own,
): unknown {
  const { method, query, body, address, time, id } = request;
  const fields = lowerCase(forwarded(request, site));
  const cookies = fields
    .filter(([name]) => name === "cookie")
    .flatMap(([, value]) => value.split(";"))
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie !== "");
  const kept = fields.filter(
    ([name]) => name !== "content-length" && (cookieHeader || name !== "cookie"),
  );
  // A body of unknown length has one when it is here.
  const counted: Field[] =
    body.length > 0 || lastValue(request.headers, "content-length") !== undefined
      ? [["content-length", String(body.length)]]
      : [];
  const groups = group([...kept, ...counted]);
  const parsed = parameters(query).map(
    ([name, value]): Field => [formDecode(name), formDecode(value)],
  );
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString: query,
    ...(cookies.length > 0 ? { cookies } : {}),
    headers: Object.fromEntries(
      Object.entries(groups).map(([name, values]) => [
        name,
        // Seen live: no space behind the comma.
        values.join(name === "cookie" ? "; " : ","),
      ]),
    ),
    ...(parsed.length > 0
      ? { queryStringParameters: single(group(parsed), (values) => values.join(",")) }
      : {}),
    requestContext: {
      ...context,
      domainName: site.domain,
      domainPrefix: site.domain.split(".")[0],
      http: {
        method,
        path,
        protocol: "HTTP/1.1",
        sourceIp: address,
        userAgent: lastValue(request.headers, "user-agent") ?? "",
      },
      requestId: id,
      routeKey: "$default",
      time: logTime(time),
      timeEpoch: time,
    },
    ...(body.length === 0
      ? { isBase64Encoded: false }
      : encodeBody(body, isText(lastValue(request.headers, "content-type")))),
  };
}

/**
 * "Lambda function response for format 2.0": what has no `statusCode` is the body itself; cookies
 * come in a list of their own.
 */
export function toResponse2(result: unknown, { method }: HttpRequest): HttpResponse {
  if (!isObject(result) || result.statusCode === undefined) {
    return {
      status: 200,
      headers: [["content-type", "application/json"]],
      body: Buffer.from(JSON.stringify(result) ?? ""),
    };
  }
  const { cookies = [] } = result;
  if (!Array.isArray(cookies) || !cookies.every((cookie) => typeof cookie === "string")) {
    return malformed("cookies", cookies, "an array of strings");
  }
  return {
    status: statusOf(result.statusCode),
    headers: [
      ...singleOf(result.headers).filter(([name]) => isSent(name, method)),
      ...cookies.map((cookie: string): Field => ["set-cookie", cookie]),
    ],
    body: bodyOf(result),
  };
}

/** The length is counted anew, but for the one of a body that is not there. */
export function isSent(name: string, method: string): boolean {
  return (
    (method === "HEAD" || !isNamed(name, "content-length")) && !isNamed(name, "transfer-encoding")
  );
}

/** AWS names no list for these two; this is the one of its load balancers. */
export function isText(type: string | undefined): boolean {
  return (
    type !== undefined &&
    /^\s*(?:text\/|application\/(?:json|javascript|xml)\s*(?:;|$))/i.test(type)
  );
}
