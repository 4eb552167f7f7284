import { isObject, type JsonObject, objectAt, objectOf, stringAt, stringOf } from "../event.ts";
import { groupHeaders } from "../headers.ts";
import { GATEWAY } from "../limits.ts";
import { BUFFERED, type LambdaRequest, PATHS, type Source } from "../request.ts";
import { encodeQuery, escapePath, isBelow, joinTarget } from "../target.ts";
import { apiServer, protocolOf, userOf } from "./api.ts";

/** API Gateway, REST API (payload 1.0 without a `version`): paths as the client sent them. */
export const rest: Source = {
  name: "an API Gateway REST API",
  paths: PATHS,
  limits: GATEWAY,
  capabilities: BUFFERED,

  toRequest(event) {
    const context = objectAt(event.requestContext, "requestContext");
    const path = stringAt(event.path, "path");
    const { full, mount } = restPath(event, context, path);
    return toRequest(event, context, full, mount);
  },

  // One more key, or a header of one value beside these, and API Gateway answers 502.
  toResult: (response, { text, isBase64 }) => ({
    statusCode: response.status,
    multiValueHeaders: groupHeaders(response.headers),
    body: text,
    isBase64Encoded: isBase64,
  }),

  toPrelude: (response) => ({
    statusCode: response.status,
    multiValueHeaders: groupHeaders(response.headers),
  }),
};

/** API Gateway, HTTP API with payload 1.0: as a REST API, but paths are decoded. */
export const http1: Source = {
  name: "an API Gateway HTTP API (payload 1.0)",
  paths: PATHS,
  limits: GATEWAY,
  capabilities: BUFFERED,

  toRequest(event) {
    const context = objectAt(event.requestContext, "requestContext");
    const path = stringAt(event.path, "path");
    const whole = stringOf(context.path);
    const full = whole?.endsWith(path) ? whole : path;
    return toRequest(event, context, escapePath(full), stageMount(context, full));
  },

  toResult: rest.toResult,
};

/** A named stage begins the path; the default one, and that of a custom domain, do not show. */
export function stageMount(context: JsonObject, path: string): string {
  const stage = stringOf(context.stage);
  return stage !== undefined && stage !== "$default" && isBelow(path, `/${stage}`)
    ? `/${stage}`
    : "";
}

function toRequest(
  event: JsonObject,
  context: JsonObject,
  path: string,
  mount: string,
): LambdaRequest {
  const { headers, multiValueHeaders } = event;
  const identity = objectOf(context.identity);
  const query = encodeQuery(event.multiValueQueryStringParameters, event.queryStringParameters);
  const server = apiServer(context, headers ?? multiValueHeaders);
  return {
    method: stringAt(event.httpMethod, "httpMethod"),
    target: joinTarget(path, query),
    mount,
    scheme: server.scheme,
    serverName: server.serverName,
    serverPort: server.serverPort,
    protocol: protocolOf(context.protocol),
    remoteAddress: stringOf(identity.sourceIp),
    remoteUser: userOf(context),
    certificate: identity.clientCert,
    id: stringOf(context.requestId),
    headers,
    multiValueHeaders,
    body: event.body,
    isBase64Encoded: event.isBase64Encoded,
  };
}

/**
 * The path that the client sent, and what of it is API Gateway's: on its own domain the stage, which
 * only `requestContext.path` has; on a custom domain the base path, which both paths have, and which
 * is named or else what the resource does not account for.
 */
function restPath(
  event: JsonObject,
  context: JsonObject,
  path: string,
): { full: string; mount: string } {
  const full = stringOf(context.path) ?? path;
  if (full !== path) {
    const stage = `/${stringOf(context.stage) ?? ""}`;
    if (path === "/" && full === stage) {
      return { full, mount: plainMount(stage) };
    }
    const mount = full.endsWith(path) ? plainMount(full.slice(0, -path.length)) : "";
    return mount === "" ? { full: path, mount } : { full, mount };
  }
  const matched = stringOf(objectOf(context.customDomain).basePathMatched);
  if (matched !== undefined) {
    const mount = plainMount(`/${matched.replace(/^\/+|\/+$/g, "")}`);
    return { full, mount: isBelow(path, mount) ? mount : "" };
  }
  return { full, mount: plainMount(unaccounted(path, event)) };
}

/** What of a path comes before the resource, its parameters filled in. */
function unaccounted(path: string, event: JsonObject): string {
  const { resource, pathParameters } = event;
  if (typeof resource !== "string") {
    return "";
  }
  if (resource === "/") {
    return path.replace(/\/$/, "");
  }
  const filled = resource.replace(/\{([^{}]+?)\+?\}/g, (found, name: string) => {
    const value = isObject(pathParameters) ? pathParameters[name] : undefined;
    return typeof value === "string" ? value : found;
  });
  for (const end of [filled, `${filled}/`]) {
    if (end.startsWith("/") && path.endsWith(end)) {
      return path.slice(0, -end.length);
    }
  }
  return "";
}

/** Stages and base paths are made of plain characters; anything else is none. */
function plainMount(mount: string): string {
  return /^(?:\/[A-Za-z0-9$\-_.+!*'()]+)+$/.test(mount) ? mount : "";
}
