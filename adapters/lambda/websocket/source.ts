import { textFromNative } from "../../../core/mod.ts";
import { dig, type JsonObject, objectAt, stringOf } from "../event.ts";
import { joinHeaders, onlyCookie } from "../headers.ts";
import { GATEWAY } from "../limits.ts";
import { BUFFERED, type LambdaRequest, PATHS, type Source } from "../request.ts";
import { apiServer, userOf } from "../sources/api.ts";
import { encodeQuery, escapePath, joinTarget } from "../target.ts";

/**
 * The handshake of an API Gateway WebSocket API, as a request.
 *
 * @param scriptName The deployer's. A WebSocket API has no paths, and so every request is there.
 */
export function webSocketSource(scriptName: string): Source {
  return {
    name: "an API Gateway WebSocket API",
    paths: PATHS,
    limits: GATEWAY,
    capabilities: BUFFERED,

    toRequest: (event) => toRequest(event, scriptName),

    // Of the headers AWS promises to hand on Sec-WebSocket-Protocol, and nothing else.
    toResult: (response, { text, isBase64 }, warn) => ({
      statusCode: response.status,
      headers: onlyCookie(
        joinHeaders(response.headers),
        warn,
        "a WebSocket API takes one value a header",
      ),
      body: text,
      isBase64Encoded: isBase64,
    }),
  };
}

function toRequest(event: JsonObject, scriptName: string): LambdaRequest {
  const context = objectAt(event.requestContext, "requestContext");
  const { headers, multiValueHeaders } = event;
  const mount = stageMount(context);
  const path = mount + (textFromNative(scriptName) ?? scriptName);
  const query = encodeQuery(event.multiValueQueryStringParameters, event.queryStringParameters);
  return {
    // Neither is told. A handshake has no other method.
    method: "GET",
    protocol: "HTTP/1.1",
    target: joinTarget(path === "" ? "/" : escapePath(path), query),
    mount,
    ...apiServer(context, headers ?? multiValueHeaders),
    remoteAddress: stringOf(dig(context, "identity", "sourceIp")),
    remoteUser: userOf(context),
    certificate: dig(context, "identity", "clientCert"),
    id: stringOf(context.requestId),
    headers,
    multiValueHeaders,
  };
}

/** On API Gateway's own domain the stage is the path; on a custom domain it does not show. */
function stageMount(context: JsonObject): string {
  const stage = stringOf(context.stage);
  return stage !== undefined && hasOwnDomain(context) ? `/${stage}` : "";
}

/** Whether an API was reached by the domain that API Gateway has given it. */
export function hasOwnDomain({ domainName }: JsonObject): boolean {
  return typeof domainName === "string" && domainName.includes(".execute-api.");
}
