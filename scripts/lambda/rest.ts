import {
  encodeBody,
  formDecode,
  forwarded,
  group,
  isNamed,
  last,
  lastValue,
  logTime,
  parameters,
  single,
} from "./fields.ts";
import type { Gateway } from "./gateway.ts";
import { type Field, type HttpRequest, type HttpResponse, Refusal, type Site } from "./message.ts";
import { bodyOf, malformed, multiOf, objectOf, singleOf, statusOf } from "./result.ts";

/** A REST API with Lambda proxy integration of `/` and `/{proxy+}`, binaryMediaTypes: all of them. */
export const rest: Gateway = {
  title: "an API Gateway REST API",
  domain: "api.example.com",
  // "Amazon API Gateway quotas", 2026-11.
  maxBody: 10_485_760,
  maxHead: 10_240,
  streams: false,
  toEvent,
  toResponse,
};

/** The same with response transfer mode STREAM. */
export const restStream: Gateway = { ...rest, streams: true };

function toEvent(request: HttpRequest, site: Site): unknown {
  const { method, query, body, address, time, id } = request;
  // "Amazon API Gateway important notes", 2026-11: these must be encoded.
  if (/[|{}]/.test(query)) {
    throw new Refusal(400, "a REST API takes no plain |, { or } in a query string");
  }
  const path = belowStage(request.path, site.stage);
  const headers = group(asRestApi(forwarded(request, site)));
  // From the same notes: a semicolon splits, too. Seen live: "+" becomes a space.
  const decoded = parameters(query, /[&;]/).map(
    ([name, value]): Field => [formDecode(name), formDecode(value)],
  );
  const values = decoded.length > 0 ? group(decoded) : null;
  const resource = path === "/" ? "/" : "/{proxy+}";
  return {
    resource,
    path,
    httpMethod: method,
    headers: single(headers, last),
    multiValueHeaders: headers,
    queryStringParameters: values && single(values, last),
    multiValueQueryStringParameters: values,
    pathParameters: path === "/" ? null : { proxy: path.slice(1) },
    stageVariables: null,
    requestContext: {
      accountId: "123456789012",
      apiId: "restapi123",
      domainName: site.domain,
      domainPrefix: site.domain.split(".")[0],
      extendedRequestId: "ATfSdF7nPHcErRA=",
      httpMethod: method,
      identity: {
        accessKey: null,
        accountId: null,
        caller: null,
        cognitoAuthenticationProvider: null,
        cognitoAuthenticationType: null,
        cognitoIdentityId: null,
        cognitoIdentityPoolId: null,
        principalOrgId: null,
        sourceIp: address,
        user: null,
        userAgent: lastValue(request.headers, "user-agent") ?? null,
        userArn: null,
      },
      path: request.path,
      protocol: "HTTP/1.1",
      requestId: id,
      requestTime: logTime(time),
      requestTimeEpoch: time,
      resourceId: "al6gqb",
      resourcePath: resource,
      stage: site.stage ?? "prod",
    },
    ...(body.length === 0
      ? { body: null, isBase64Encoded: false }
      : // By binaryMediaTypes "*/*".
        encodeBody(body, false)),
  };
}

/** On API Gateway's own domain a stage begins the path; on a custom one it does not show. */
function belowStage(path: string, stage: string | undefined): string {
  if (stage === undefined) {
    return path;
  }
  if (path !== `/${stage}` && !path.startsWith(`/${stage}/`)) {
    throw new Refusal(403, `${path} is not below the stage /${stage}`);
  }
  return path.slice(stage.length + 1) || "/";
}

/** Seen live: names as the client wrote them but for API Gateway's own, and no Content-Length. */
function asRestApi(fields: readonly Field[]): Field[] {
  return fields.flatMap(([name, value]): Field[] => {
    if (isNamed(name, "content-length")) {
      return [];
    }
    const own = ["Host", "User-Agent"].find((known) => isNamed(name, known.toLowerCase()));
    return [[own ?? name, value]];
  });
}

/**
 * "Output format of a Lambda function for proxy integration": nothing but these keys, and of both
 * maps of headers the pairs of the second before those of the first.
 */
function toResponse(value: unknown): HttpResponse {
  const result = objectOf(value);
  for (const key of Object.keys(result)) {
    if (!KEYS.includes(key)) {
      malformed(key, result[key], `no other keys than ${KEYS.join(", ")}`);
    }
  }
  const many = multiOf(result.multiValueHeaders);
  const rest = singleOf(result.headers).filter(
    ([name, value]) => !many.some((field) => field[0] === name && field[1] === value),
  );
  const headers = [...many, ...rest].map(([name, value]): Field => [remap(name), value]);
  if (lastValue(headers, "content-type") === undefined) {
    headers.push(["Content-Type", "application/json"]);
  }
  return { status: statusOf(result.statusCode), headers, body: bodyOf(result) };
}

const KEYS = ["statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"];

/** What a function may not say itself ("Amazon API Gateway important notes", 2026-11). */
function remap(name: string): string {
  return REMAPPED.test(name) ? `x-amzn-remapped-${name}` : name;
}

const REMAPPED =
  /^(?:connection|content-length|date|expect|host|max-forwards|proxy-authenticate|server|te|trailer|transfer-encoding|upgrade|via|www-authenticate)$/i;
