import {
  acceptsTrailers,
  createEnviron,
  DramError,
  type Environ,
  type Gateway,
  quote,
  RequestFields,
} from "../../core/mod.ts";
import { type Client, isHttp2, type NodeRequest } from "./client.ts";
import { connectionOf, extendEnviron } from "./connection.ts";
import { earlyHints } from "./hints.ts";
import { openBody } from "./input.ts";
import { trailers } from "./trailers.ts";

/**
 * The environ of a request. From `rawHeaders`: the others drop what is repeated.
 *
 * @throws {DramError} For a malformed request.
 */
export function toEnviron(client: Client, gateway: Gateway): Environ {
  const { request, response, lifetime } = client;
  const connection = connectionOf(request);
  const { target, authority } = cutTarget(request);
  const environ = createEnviron(gateway, {
    method: request.method ?? "",
    target,
    scheme: connection.scheme,
    protocol: protocolOf(request),
    serverName: connection.serverName,
    serverPort: connection.serverPort,
    waitUntil: lifetime?.waitUntil,
  });
  extendEnviron(environ, connection);
  const fields = new RequestFields(environ, gateway);
  if (isHttp2(response)) {
    addHttp2Fields(fields, request.rawHeaders);
  } else {
    addFields(fields, request.rawHeaders);
    if (authority !== undefined) {
      fields.replaceHost(authority);
    }
  }
  environ["dram.signal"] = client.signal;
  environ["node.request"] = request;
  environ["node.response"] = response;
  if (environ.SERVER_PROTOCOL !== "HTTP/1.0") {
    // By calls: V8 puts a function that is written into an assignment to a property among what is old,
    // and from there it keeps all of its exchange through each scavenge (50 ms instead of 2).
    environ["wsgi.early_hints"] = earlyHints(response);
    if (environ.HTTP_TE !== undefined && acceptsTrailers(environ.HTTP_TE)) {
      environ["dram.trailers"] = trailers(response);
    }
  }
  fields.finish(() => openBody(client, environ));
  return environ;
}

interface CutTarget {
  /** Path and query; or `*`. */
  readonly target: string;
  /** The host of a target in absolute form. */
  readonly authority: string | undefined;
}

/**
 * Takes scheme and host off a target in absolute form, which a server must accept (RFC 9112
 * §3.2.2). Cut by hand, never resolved: `//evil.example/x` is a path.
 */
function cutTarget({ url = "" }: NodeRequest): CutTarget {
  if (url.startsWith("/")) {
    return { target: url, authority: undefined };
  }
  const [, authority, rest] = /^https?:\/\/([^/?#]*)(.*)$/i.exec(url) ?? [];
  return authority === undefined || rest === undefined
    ? { target: url, authority }
    : { target: rest.startsWith("/") ? rest : `/${rest}`, authority };
}

function protocolOf(request: NodeRequest): string {
  if (request.httpVersionMajor === 2) {
    return "HTTP/2";
  }
  return request.httpVersionMinor === 0 ? "HTTP/1.0" : "HTTP/1.1";
}

function addFields(fields: RequestFields, raw: readonly string[]): void {
  for (let index = 0; index < raw.length; index += 2) {
    fields.add(raw[index] ?? "", raw[index + 1] ?? "");
  }
}

/**
 * Without the pseudo headers, of which `:authority` is the host (RFC 9113 §8.3.1). A Host field
 * beside it that says something else would let two servers on the way believe another one each.
 */
function addHttp2Fields(fields: RequestFields, raw: readonly string[]): void {
  let authority: string | undefined;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? "";
    const value = raw[index + 1] ?? "";
    if (name === ":authority") {
      authority = value;
      fields.add("host", value);
    } else if (name === "host" && authority !== undefined) {
      if (value.toLowerCase() !== authority.toLowerCase()) {
        throw new DramError(
          "ERR_HOST",
          `the Host header is ${quote(value)}, but :authority is ${quote(authority)}`,
        );
      }
    } else if (!name.startsWith(":")) {
      fields.add(name, value);
    }
  }
}
