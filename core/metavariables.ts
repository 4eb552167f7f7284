import { memoize } from "./cache.ts";
import type { CgiGateway } from "./cgigateway.ts";
import { createEnviron, type RequestLine } from "./environ.ts";
import { DramError } from "./errors.ts";
import { CACHE_CAPACITY } from "./limits.ts";
import { RequestFields } from "./requestfields.ts";
import { pathOf, placePath, targetOf } from "./serverpath.ts";
import { isHost, parseTarget } from "./target.ts";
import type { Environ, ErrorStream } from "./types.ts";

/** One request as a web server tells it to a CGI program, or in the PARAMS of FastCGI. */
export interface CgiRequest {
  /**
   * Bytes as U+0000 to U+00FF. Of a name that comes twice the last value counts; a header may be
   * repeated, as nginx before 1.23 sends it by FastCGI.
   */
  readonly variables: readonly (readonly [name: string, value: string])[];
  /** See `RequestLine`. */
  readonly waitUntil: RequestLine["waitUntil"];
  /** The log of this one request. Default: the gateway's. */
  readonly errors?: ErrorStream;
}

/** An environ but for `wsgi.input` and the deployer's own keys, and what adds them. */
export interface CgiEnviron {
  /** Lacks `wsgi.input` until `fields.finish` is called. */
  readonly environ: Environ;
  /** Has all headers; call `finish`. */
  readonly fields: RequestFields;
}

/**
 * The one way by which meta-variables (RFC 3875 §4.1) become environ. Only what is known by name
 * gets in: the rest of a process's environment holds secrets, and a server's configuration may
 * pass on names such as `wsgi.input`.
 *
 * @throws {DramError} `ERR_EVENT` for what no web server should send, and what `createEnviron` and
 *   `RequestFields` throw.
 */
export function createCgiEnviron(gateway: CgiGateway, request: CgiRequest): CgiEnviron {
  const variables = new Map(request.variables);
  const method = variables.get("REQUEST_METHOD");
  if (!method) {
    throw new DramError("ERR_EVENT", "the variable REQUEST_METHOD is missing (RFC 3875 §4.1.12)");
  }
  const server = pathOf(variables);
  const serverName = variables.get("SERVER_NAME") ?? "";
  const serverPort = variables.get("SERVER_PORT") ?? "";
  const { waitUntil, errors } = request;
  const environ = createEnviron(gateway, {
    method,
    target: targetOf(variables, server, gateway),
    scheme: schemeOf(variables),
    protocol: protocolOf(variables),
    // nginx sends the first of its `server_name`s, and that may be "", a wildcard or a pattern.
    serverName: isHost(serverName) ? serverName : "localhost",
    serverPort: /^[0-9]{1,5}$/.test(serverPort) ? serverPort : "",
    waitUntil,
    ...(errors === undefined ? {} : { errors }),
  });
  if (environ.REQUEST_URI !== "*") {
    placePath(environ, server, variables, gateway);
  }
  const query = variables.get("QUERY_STRING");
  if (query !== undefined) {
    // Where the server has rewritten the path, it is another one than that of REQUEST_URI.
    environ.QUERY_STRING = parseTarget(`?${query}`, "latin1").query;
  }
  const fields = new RequestFields(environ, gateway);
  addFields(fields, request.variables, variables);
  for (const [name, value] of variables) {
    // A server writes "" for what does not exist.
    if (value !== "" && (isPassed(name) || gateway.variables.has(name))) {
      environ[name] = value;
    }
  }
  return { environ, fields };
}

/** HTTPS is what a deployer sets behind a proxy that ends TLS; REQUEST_SCHEME is the server's own. */
function schemeOf(variables: ReadonlyMap<string, string>): "http" | "https" {
  const https = variables.get("HTTPS");
  const isSecure = https
    ? /^(?:on|1|yes)$/i.test(https)
    : variables.get("REQUEST_SCHEME")?.toLowerCase() === "https";
  return isSecure ? "https" : "http";
}

/** `HTTP/2`, as RFC 9113 has no minor version. `INCLUDED` (RFC 3875 §4.1.16) is no version at all. */
function protocolOf(variables: ReadonlyMap<string, string>): string {
  const protocol = variables.get("SERVER_PROTOCOL") ?? "";
  return /^HTTP\/[0-9](?:\.[0-9])?$/.test(protocol)
    ? protocol.replace(/^HTTP\/([2-9])\.0$/, "HTTP/$1")
    : "HTTP/1.1";
}

/** Headers, by the rules of every other gateway. */
function addFields(
  fields: RequestFields,
  pairs: CgiRequest["variables"],
  variables: ReadonlyMap<string, string>,
): void {
  for (const name of ["CONTENT_TYPE", "CONTENT_LENGTH"]) {
    const value = variables.get(name);
    if (value) {
      fields.add(name.replace("_", "-"), value);
    }
  }
  for (const [name, value] of pairs) {
    if (name.startsWith("HTTP_") && !isFraming(name, variables)) {
      fields.add(headerName(name), value);
    }
  }
}

const headerName = memoize((name) => name.slice(5).replaceAll("_", "-"), CACHE_CAPACITY);

/**
 * nginx repeats what has a variable of its own, and hands on the Transfer-Encoding of a body that
 * it has decoded, counted and given a CONTENT_LENGTH.
 */
function isFraming(name: string, variables: ReadonlyMap<string, string>): boolean {
  return (
    name === "HTTP_CONTENT_TYPE" ||
    name === "HTTP_CONTENT_LENGTH" ||
    (name === "HTTP_TRANSFER_ENCODING" && Boolean(variables.get("CONTENT_LENGTH")))
  );
}

function isPassed(name: string): boolean {
  return PASSED.has(name) || TLS.test(name);
}

// RFC 3875 §4.1, and what Apache httpd and nginx send beyond it. Not SERVER_SOFTWARE and
// GATEWAY_INTERFACE, which tell of this gateway, unless the deployer names them.
const PASSED: ReadonlySet<string> = new Set([
  "AUTH_TYPE",
  "DOCUMENT_ROOT",
  "PATH_TRANSLATED",
  "REMOTE_ADDR",
  "REMOTE_HOST",
  "REMOTE_IDENT",
  "REMOTE_PORT",
  "REMOTE_USER",
  "SCRIPT_FILENAME",
  "SERVER_ADDR",
]);

// Those of mod_ssl. SSL_CERT_FILE and SSL_CERT_DIR are OpenSSL's, of the process.
const TLS = /^SSL_(?!CERT_)[A-Z0-9_]+$/;
