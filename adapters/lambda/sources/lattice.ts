import { dig, type JsonObject, stringAt, stringOf } from "../event.ts";
import { joinHeaders, onlyCookie } from "../headers.ts";
import { PLAIN } from "../limits.ts";
import { BUFFERED, type LambdaRequest, PATHS, type Source } from "../request.ts";
import { encodeQuery, joinTarget } from "../target.ts";
import { forwardedFor } from "./alb.ts";
import { hostOf } from "./api.ts";

/** VPC Lattice, event structure v2. */
export const lattice2: Source = {
  name: "VPC Lattice",
  paths: PATHS,
  limits: PLAIN,
  capabilities: BUFFERED,

  toRequest(event) {
    const path = stringAt(event.path, "path");
    const { requestContext } = event;
    return toRequest(event, path, event.queryStringParameters, {
      remoteUser: stringOf(dig(requestContext, "identity", "principal")),
      isBase64Encoded: event.isBase64Encoded,
    });
  },

  toResult: (response, { text, isBase64 }, warn) => ({
    statusCode: response.status,
    headers: onlyCookie(
      joinHeaders(response.headers),
      warn,
      "VPC Lattice takes one value a header",
    ),
    body: text,
    isBase64Encoded: isBase64,
  }),
};

/** VPC Lattice, event structure v1. */
export const lattice1: Source = {
  name: "VPC Lattice (event structure v1)",
  paths: { ...PATHS, isBase64Encoded: "is_base64_encoded" },
  limits: PLAIN,
  capabilities: BUFFERED,

  toRequest(event) {
    const path = stringAt(event.raw_path, "raw_path");
    return toRequest(event, path, event.query_string_parameters, {
      isBase64Encoded: event.is_base64_encoded,
    });
  },

  toResult: lattice2.toResult,
};

/** Neither structure tells the scheme: services are to be reached by HTTPS. */
function toRequest(
  event: JsonObject,
  path: string,
  parameters: unknown,
  more: Partial<LambdaRequest>,
): LambdaRequest {
  const { headers } = event;
  // The path may have the query behind it, as it was sent; the parameters are decoded.
  const mark = path.indexOf("?");
  const target =
    mark === -1
      ? joinTarget(path, encodeQuery(undefined, parameters))
      : joinTarget(path.slice(0, mark), path.slice(mark + 1));
  return {
    method: stringAt(event.method, "method"),
    target,
    scheme: "https",
    serverName: hostOf(headers),
    serverPort: "443",
    protocol: "HTTP/1.1",
    ...forwardedFor(headers),
    headers,
    body: event.body,
    ...more,
  };
}
