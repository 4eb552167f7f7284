import {
  acceptsTrailers,
  createEnviron,
  type Environ,
  encodeUtf8,
  type Gateway,
  nativeFromBytes,
  nativeFromText,
  RequestFields,
} from "../../core/mod.ts";
import type { AsgiRequest } from "./request.ts";
import type { ResponseParts } from "./response.ts";
import type { HttpScope, WebSocketScope } from "./types.ts";

type ConnectionScope = HttpScope | WebSocketScope;

/**
 * The environ of a scope.
 *
 * @throws {DramError} For what is no request.
 */
export function toEnviron(
  request: AsgiRequest,
  gateway: Gateway,
  parts: ResponseParts,
  waitUntil: (promise: Promise<unknown>) => void,
): Environ {
  const { scope } = request;
  const { root_path: rootPath = "", server, client, http_version: version } = scope;
  const mount = nativeFromText(rootPath);
  const [host, port] = server ?? ["localhost", null];
  const isHttp = scope.type === "http";
  const environ = createEnviron(gateway, {
    method: isHttp ? scope.method : "GET",
    target: targetOf(scope, rootPath),
    scheme: schemeOf(scope),
    protocol: `HTTP/${version === "2" || version === "3" ? version : version || "1.1"}`,
    // A Unix socket has a path for its host.
    serverName: port === null ? "localhost" : host.includes(":") ? `[${host}]` : host,
    serverPort: port === null ? "" : String(port),
    mount,
    waitUntil,
  });
  if (client !== undefined && client !== null) {
    environ.REMOTE_ADDR = client[0];
    environ.REMOTE_PORT = String(client[1]);
  }
  addTls(environ, scope);
  const fields = new RequestFields(environ, gateway);
  for (const [name, value] of scope.headers) {
    fields.add(nativeFromBytes(name), nativeFromBytes(value));
  }
  environ["dram.signal"] = request.signal;
  environ["asgi.scope"] = scope;
  const { extensions = {} } = scope;
  if ("http.response.early_hint" in extensions) {
    environ["wsgi.early_hints"] = parts.addHints;
  }
  if ("http.response.trailers" in extensions && acceptsTrailers(environ.HTTP_TE ?? "")) {
    environ["dram.trailers"] = parts.addTrailers;
  }
  fields.finish(() => (isHttp ? request : null));
  return environ;
}

function schemeOf({ type, scheme }: ConnectionScope): string {
  const secure = type === "http" ? "https" : "wss";
  return scheme === secure ? "https" : "http";
}

/** Path and query as they were sent, if the server tells. */
function targetOf(scope: ConnectionScope, rootPath: string): string {
  const { path, raw_path: raw, query_string: query } = scope;
  const target = raw === undefined || raw === null ? quotePath(path) : nativeFromBytes(raw);
  // Not every server has the mount point in `path`, as ASGI means it.
  const isWhole = rootPath === "" || path === rootPath || path.startsWith(`${rootPath}/`);
  const whole = isWhole ? target : quotePath(rootPath) + target;
  return query.length === 0 ? whole : `${whole}?${nativeFromBytes(query)}`;
}

function quotePath(path: string): string {
  let quoted = "";
  for (const byte of encodeUtf8(path)) {
    const character = String.fromCharCode(byte);
    quoted += /[!$&'()*+,\-./0-9:;=@A-Z_a-z~]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return quoted;
}

function addTls(environ: Environ, { extensions = {} }: ConnectionScope): void {
  const {
    tls_version: version,
    client_cert_name: name,
    client_cert_error: error,
  } = extensions.tls ?? {};
  const protocol = typeof version === "number" ? TLS_PROTOCOLS[version] : undefined;
  if (protocol !== undefined) {
    environ.SSL_PROTOCOL = protocol;
  }
  if (typeof name === "string") {
    environ.SSL_CLIENT_S_DN = nativeFromText(name);
    environ.SSL_CLIENT_VERIFY =
      typeof error === "string" ? nativeFromText(`FAILED:${error}`) : "SUCCESS";
  }
}

const TLS_PROTOCOLS: Readonly<Record<number, string>> = {
  769: "TLSv1",
  770: "TLSv1.1",
  771: "TLSv1.2",
  772: "TLSv1.3",
};
