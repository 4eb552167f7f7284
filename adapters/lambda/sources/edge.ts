import { DramError, type HeaderList } from "../../../core/mod.ts";
import {
  dig,
  isObject,
  type JsonObject,
  malformed,
  objectAt,
  stringAt,
  stringOf,
} from "../event.ts";
import { groupHeaders } from "../headers.ts";
import { EDGE_ORIGIN, EDGE_VIEWER, type Limits } from "../limits.ts";
import { type LambdaRequest, type Source, WITH_REASON } from "../request.ts";
import { joinTarget } from "../target.ts";

const REQUEST = "Records[0].cf.request";

/** Lambda@Edge at a viewer request: before the cache. */
export const edgeViewer: Source = edge("Lambda@Edge at a viewer request", EDGE_VIEWER);

/** Lambda@Edge at an origin request: behind the cache. */
export const edgeOrigin: Source = edge("Lambda@Edge at an origin request", EDGE_ORIGIN);

function edge(name: string, limits: Limits): Source {
  return {
    name,
    paths: {
      headers: `${REQUEST}.headers`,
      multiValueHeaders: `${REQUEST}.headers`,
      body: `${REQUEST}.body.data`,
      isBase64Encoded: `${REQUEST}.body.encoding`,
    },
    limits,
    capabilities: WITH_REASON,
    toRequest,

    toResult: (response, { text, isBase64 }) => ({
      status: String(response.status),
      statusDescription: response.reason,
      headers: toHeaders(response.headers),
      body: text,
      bodyEncoding: isBase64 ? "base64" : "text",
    }),
  };
}

function toRequest(event: JsonObject): LambdaRequest {
  const records: unknown = event.Records;
  const cf = dig(Array.isArray(records) ? records[0] : undefined, "cf");
  const request = objectAt(dig(cf, "request"), REQUEST);
  const path = stringAt(request.uri, `${REQUEST}.uri`);
  const query = stringAt(request.querystring ?? "", `${REQUEST}.querystring`);
  return {
    method: stringAt(request.method, `${REQUEST}.method`),
    target: joinTarget(path, query),
    // The event tells neither scheme nor protocol; CloudFront's own domains have both of these.
    scheme: "https",
    serverName: stringOf(dig(cf, "config", "distributionDomainName")) ?? "localhost",
    serverPort: "443",
    protocol: "HTTP/1.1",
    remoteAddress: stringOf(request.clientIp),
    id: stringOf(dig(cf, "config", "requestId")),
    multiValueHeaders: fromHeaders(request.headers),
    ...fromBody(request.body),
  };
}

/** Lists of `{ key, value }` by lower-case name, as a map of arrays. */
function fromHeaders(headers: unknown): JsonObject {
  const map: Record<string, unknown> = Object.create(null);
  for (const [name, list] of Object.entries(objectAt(headers, `${REQUEST}.headers`))) {
    if (!Array.isArray(list)) {
      throw malformed(`${REQUEST}.headers[${JSON.stringify(name)}]`, list, "an array");
    }
    map[name] = list.map((field: unknown) => (isObject(field) ? field.value : field));
  }
  return map;
}

function fromBody(body: unknown): Pick<LambdaRequest, "body" | "isBase64Encoded"> {
  if (body === null || body === undefined) {
    return {};
  }
  const { data, encoding, inputTruncated } = objectAt(body, `${REQUEST}.body`);
  if (inputTruncated === true) {
    throw new DramError(
      "ERR_BODY_TOO_LARGE",
      "CloudFront has cut the request body: it passes 40 KB at a viewer request, 1 MB at an origin request",
    );
  }
  if (encoding !== undefined && encoding !== "base64" && encoding !== "text") {
    throw malformed(`${REQUEST}.body.encoding`, encoding, '"base64" or "text"');
  }
  return { body: data, isBase64Encoded: encoding === "base64" };
}

function toHeaders(list: HeaderList): Record<string, { key: string; value: string }[]> {
  const headers: Record<string, { key: string; value: string }[]> = {};
  for (const [name, values] of Object.entries(groupHeaders(list))) {
    if (!FORBIDDEN.test(name)) {
      headers[name] = values.map((value) => ({ key: name, value }));
    }
  }
  return headers;
}

/**
 * Headers that are CloudFront's own: one of them in a result, and it answers 502 ("Restrictions on
 * edge functions", Amazon CloudFront, 2026-11).
 */
const FORBIDDEN =
  /^(?:connection|content-length|expect|host|keep-alive|proxy-authenticate|proxy-authorization|proxy-connection|trailer|transfer-encoding|upgrade|via|x-accel-(?:buffering|charset|limit-rate|redirect)|x-amz-cf-.*|x-amzn-.*|x-cache|x-edge-.*|x-forwarded-proto|x-real-ip|__proto__)$/;
