import { defaultPort } from "./target.ts";
import type { Environ } from "./types.ts";

/**
 * The URL of the application: scheme, host and SCRIPT_NAME (PEP 3333, "URL Reconstruction", with
 * the bytes quoted as wsgiref does, not as the PEP's own sample).
 */
export function applicationUri(environ: Environ): string {
  return base(environ) + quotePath(environ.SCRIPT_NAME || "/", SCRIPT_UNSAFE);
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

function base(environ: Environ): string {
  const scheme = environ["wsgi.url_scheme"];
  if (environ.HTTP_HOST) {
    return `${scheme}://${environ.HTTP_HOST}`;
  }
  const port = environ.SERVER_PORT === defaultPort(scheme) ? "" : `:${environ.SERVER_PORT}`;
  return `${scheme}://${environ.SERVER_NAME}${port}`;
}

const SCRIPT_UNSAFE = /[^/\w.~-]/g;
const PATH_UNSAFE = /[^/;=,\w.~-]/g;

/** Percent-encodes the bytes of a native string. */
export function quotePath(native: string, unsafe: RegExp = PATH_UNSAFE): string {
  return native.replace(
    unsafe,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}
