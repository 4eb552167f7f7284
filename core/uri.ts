import { defaultPort, parseTarget } from "./target.ts";
import type { Environ } from "./types.ts";

/**
 * The URL of the application: scheme, host and SCRIPT_NAME (PEP 3333, "URL Reconstruction", with
 * the bytes quoted as wsgiref does, not as the PEP's own sample).
 */
export function applicationUri(environ: Environ): string {
  return requestOrigin(environ) + quotePath(environ.SCRIPT_NAME || "/", /[^/\w.~-]/g);
}

/**
 * The URL of the request as the environ describes it.
 *
 * @param options `query`: whether to include the query string; default true.
 */
export function requestUri(environ: Environ, options: { query?: boolean } = {}): string {
  const path = quotePath(environ.PATH_INFO);
  const uri = applicationUri(environ) + (environ.SCRIPT_NAME === "" ? path.slice(1) : path);
  return options.query !== false && environ.QUERY_STRING ? `${uri}?${environ.QUERY_STRING}` : uri;
}

/** Scheme and host of the request: `https://host.example:8443`. */
export function requestOrigin(environ: Environ): string {
  const scheme = environ["wsgi.url_scheme"];
  if (environ.HTTP_HOST) {
    return `${scheme}://${environ.HTTP_HOST}`;
  }
  const port = environ.SERVER_PORT === defaultPort(scheme) ? "" : `:${environ.SERVER_PORT}`;
  return `${scheme}://${environ.SERVER_NAME}${port}`;
}

/**
 * Path and query of the request as a URL has them, in ASCII, for a bridge: as the client escaped them,
 * as long as REQUEST_URI says the same as SCRIPT_NAME, PATH_INFO and QUERY_STRING, which middleware
 * may have changed; else made of these.
 *
 * @param options `scriptName`: whether to include SCRIPT_NAME; default true.
 */
export function requestTarget(environ: Environ, options: { scriptName?: boolean } = {}): string {
  const { QUERY_STRING: query } = environ;
  const path = targetPath(environ, options.scriptName !== false);
  return query ? `${path}?${quotePath(query, /[^\x21-\x7e]/g)}` : path;
}

function targetPath(environ: Environ, whole: boolean): string {
  const { PATH_INFO: pathInfo } = environ;
  const mount = quotePath(environ.SCRIPT_NAME);
  const raw = rawPath(environ);
  const rest = raw?.startsWith(mount) ? raw.slice(mount.length) : undefined;
  const below = rest === "" || rest?.startsWith("/") ? rest : quotePath(pathInfo);
  const path = whole ? (raw ?? mount + below) : below;
  // Behind a host, a path without its slash would be part of the host.
  return path.startsWith("/") ? path : `/${path}`;
}

/** The path of REQUEST_URI, if it is still the one that the rest of environ tells. */
function rawPath({ REQUEST_URI: uri, SCRIPT_NAME, PATH_INFO }: Environ): string | undefined {
  const [raw = ""] = (uri ?? "").split("?", 1);
  return raw.startsWith("/") && parseTarget(raw, "latin1").path === SCRIPT_NAME + PATH_INFO
    ? // A URL takes a backslash for a slash: "/a\..\b" would become another path.
      quotePath(raw, /[^\x21-\x5b\x5d-\x7e]/g)
    : undefined;
}

const SEGMENTS = /[^/;=,\w.~-]/g;

/** Percent-encodes the bytes of a native string. */
export function quotePath(native: string, unsafe: RegExp = SEGMENTS): string {
  return native.replace(
    unsafe,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}
