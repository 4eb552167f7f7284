import { type JsonObject, objectAt, objectOf, stringAt, stringOf } from "../event.ts";
import { joinHeaders } from "../headers.ts";
import { GATEWAY, PLAIN } from "../limits.ts";
import { BUFFERED, type LambdaRequest, PATHS, type Source } from "../request.ts";
import { escapePath, joinTarget } from "../target.ts";
import { apiServer, protocolOf, userOf } from "./api.ts";
import { stageMount } from "./rest.ts";

/** API Gateway, HTTP API with payload 2.0: the path is decoded already. */
export const http2: Source = {
  name: "an API Gateway HTTP API",
  paths: PATHS,
  limits: GATEWAY,
  capabilities: BUFFERED,

  toRequest(event) {
    const rawPath = stringAt(event.rawPath, "rawPath");
    const decoded = objectOf(objectOf(event.requestContext).http).path;
    // Seen live: `http.path` is the decoded one everywhere. Where the two differ, `rawPath` is not.
    return decoded === undefined || decoded === rawPath
      ? toRequest(event, escapePath(rawPath), rawPath)
      : toRequest(event, encodedPath(rawPath), rawPath);
  },

  toResult: (response, { text, isBase64 }) => {
    const { headers, cookies } = joinHeaders(response.headers);
    const { status: statusCode } = response;
    return cookies.length === 0
      ? { statusCode, headers, body: text, isBase64Encoded: isBase64 }
      : { statusCode, headers, cookies, body: text, isBase64Encoded: isBase64 };
  },
};

/** A function URL: the events of an HTTP API, but for the path, which is as the client sent it. */
export const url: Source = {
  name: "a function URL",
  paths: PATHS,
  limits: PLAIN,
  capabilities: BUFFERED,

  toRequest(event) {
    const rawPath = stringAt(event.rawPath, "rawPath");
    return toRequest(event, encodedPath(rawPath), rawPath);
  },

  toResult: http2.toResult,

  toPrelude(response) {
    const { headers, cookies } = joinHeaders(response.headers);
    return { statusCode: response.status, headers, cookies };
  },
};

/** Whether an event of payload 2.0 is that of a function URL. */
export function isFunctionUrl(context: JsonObject): boolean {
  const { domainName } = context;
  return (
    (typeof domainName === "string" && domainName.includes(".lambda-url.")) ||
    context.accountId === "anonymous"
  );
}

/** A path as the client sent it, but for what no request line can hold: then it was decoded. */
function encodedPath(path: string): string {
  return /^[\x21-\x7e]*$/.test(path) ? path : escapePath(path);
}

function toRequest(event: JsonObject, path: string, rawPath: string): LambdaRequest {
  const context = objectAt(event.requestContext, "requestContext");
  const http = objectAt(context.http, "requestContext.http");
  const headers = objectAt(event.headers, "headers");
  const server = apiServer(context, headers);
  return {
    method: stringAt(http.method, "requestContext.http.method"),
    target: joinTarget(path, stringAt(event.rawQueryString ?? "", "rawQueryString")),
    mount: stageMount(context, rawPath),
    scheme: server.scheme,
    serverName: server.serverName,
    serverPort: server.serverPort,
    protocol: protocolOf(http.protocol),
    remoteAddress: stringOf(http.sourceIp),
    remoteUser: userOf(context),
    certificate: objectOf(context.authentication).clientCert,
    id: stringOf(context.requestId),
    headers,
    cookies: event.cookies,
    body: event.body,
    isBase64Encoded: event.isBase64Encoded,
  };
}
