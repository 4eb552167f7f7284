import {
  bytesFromNative,
  type Environ,
  Input,
  requestHeaders,
  requestTarget,
  textFromNative,
} from "../../core/mod.ts";
import type { AsgiExtensions, AsgiHeaders, HttpScope, WebSocketScope } from "./types.ts";

/** What the gateway of a request, and the bridge, can do. */
interface Support {
  readonly state: Record<string, unknown> | undefined;
  /** `http.response.pathsend`. */
  readonly files: boolean;
}

/** The scope of a request. */
export function httpScope(environ: Environ, { state, files }: Support): HttpScope {
  const { trailers, earlyHints } = environ["dram.capabilities"] ?? {};
  return {
    type: "http",
    asgi: VERSIONS,
    ...connectionScope(environ, state, {
      ...(trailers ? { "http.response.trailers": {} } : {}),
      ...(earlyHints ? { "http.response.early_hint": {} } : {}),
      ...(files ? { "http.response.pathsend": {} } : {}),
      "http.response.zerocopysend": {},
    }),
    method: environ.REQUEST_METHOD.toUpperCase(),
    scheme: environ["wsgi.url_scheme"],
  };
}

/** The scope of a WebSocket, from the environ of its handshake. */
export function webSocketScope(environ: Environ, state: Support["state"]): WebSocketScope {
  const { HTTP_SEC_WEBSOCKET_PROTOCOL: offered } = environ;
  return {
    type: "websocket",
    asgi: VERSIONS,
    ...connectionScope(environ, state, { "websocket.http.response": {} }),
    scheme: environ["wsgi.url_scheme"] === "https" ? "wss" : "ws",
    subprotocols: offered === undefined ? [] : offered.split(",").map((name) => name.trim()),
  };
}

const VERSIONS = { version: "3.0", spec_version: "2.5" } as const;

function connectionScope(environ: Environ, state: Support["state"], extensions: AsgiExtensions) {
  const { SCRIPT_NAME, PATH_INFO, QUERY_STRING, REMOTE_ADDR, REMOTE_PORT } = environ;
  const { SERVER_NAME, SERVER_PORT, SERVER_PROTOCOL } = environ;
  const [rawPath = ""] = requestTarget(environ).split("?", 1);
  const tls: AsgiExtensions = environ.HTTPS === "on" ? { tls: tlsOf(environ) } : {};
  return {
    http_version: SERVER_PROTOCOL.replace("HTTP/", ""),
    path: decode(SCRIPT_NAME + PATH_INFO),
    raw_path: bytesFromNative(PATH_INFO === "*" ? "*" : rawPath),
    query_string: bytesFromNative(QUERY_STRING),
    root_path: decode(SCRIPT_NAME),
    headers: headersOf(environ),
    client: REMOTE_ADDR === undefined ? null : ([REMOTE_ADDR, Number(REMOTE_PORT ?? 0)] as const),
    server: [SERVER_NAME.replace(/^\[|\]$/g, ""), Number(SERVER_PORT)] as const,
    // A copy, so that one request does not change another one's.
    ...(state === undefined ? {} : { state: { ...state } }),
    extensions: {
      ...extensions,
      ...tls,
      "dram.capabilities": { ...environ["dram.capabilities"] },
      "dram.environ": { environ },
    },
  };
}

/** The host first, as ASGI has it where HTTP/2 has `:authority`. */
function headersOf(environ: Environ): AsgiHeaders {
  const headers: [Uint8Array, Uint8Array][] = [];
  const isDropped = hasLostBody(environ);
  for (const [name, value] of requestHeaders(environ)) {
    if (isDropped && name === "content-length") {
      continue;
    }
    const pair: [Uint8Array, Uint8Array] = [bytesFromNative(name), bytesFromNative(value)];
    if (name === "host") {
      headers.unshift(pair);
    } else {
      headers.push(pair);
    }
  }
  return headers;
}

/** A Fetch server drops the body of a GET, but not its length, for which an application would wait. */
function hasLostBody(environ: Environ): boolean {
  const { REQUEST_METHOD: method, CONTENT_LENGTH: length, "wsgi.input": input } = environ;
  return (
    length !== undefined &&
    (method === "GET" || method === "HEAD") &&
    input instanceof Input &&
    input.isAbsent
  );
}

/** The extension `tls`, as far as the variables of mod_ssl tell it. */
function tlsOf(environ: Environ): AsgiExtensions[string] {
  const { SSL_PROTOCOL, SSL_CLIENT_S_DN, SSL_CLIENT_VERIFY, SSL_CLIENT_CERT } = environ;
  const failure = /^FAILED:(.*)$/.exec(String(SSL_CLIENT_VERIFY))?.[1];
  return {
    server_cert: null,
    client_cert_chain: typeof SSL_CLIENT_CERT === "string" ? [SSL_CLIENT_CERT] : [],
    client_cert_name: typeof SSL_CLIENT_S_DN === "string" ? decode(SSL_CLIENT_S_DN) : null,
    client_cert_error: failure ?? null,
    tls_version: TLS_VERSIONS[String(SSL_PROTOCOL)] ?? null,
    cipher_suite: null,
  };
}

const TLS_VERSIONS: Readonly<Record<string, number>> = {
  TLSv1: 0x0301,
  "TLSv1.1": 0x0302,
  "TLSv1.2": 0x0303,
  "TLSv1.3": 0x0304,
};

/** A native string as text. Bytes that are no UTF-8 become U+FFFD; `raw_path` has them. */
function decode(native: string): string {
  return /[^\0-\x7f]/.test(native)
    ? (textFromNative(native) ?? decoder.decode(bytesFromNative(native)))
    : native;
}

const decoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });
