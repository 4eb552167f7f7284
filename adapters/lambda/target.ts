import { isObject, malformed } from "./event.ts";

/** A request target of a path and a query that are both still as in the request line. */
export function joinTarget(path: string, query: string): string {
  // Neither could have come through a server unescaped; here it would cut the target short.
  const whole = /[?#]/.test(path) ? path.replace(/[?#]/g, encodeURIComponent) : path;
  if (query === "") {
    return whole;
  }
  return `${whole}?${query.includes("#") ? query.replaceAll("#", "%23") : query}`;
}

/**
 * The path that, percent-decoded once, is what AWS has decoded already. Which of the possible ones
 * the client sent is not known.
 */
export function escapePath(decoded: string): string {
  return PLAIN_PATH.test(decoded)
    ? decoded
    : decoded.toWellFormed().replace(UNSAFE_IN_PATH, encodeURIComponent);
}

/**
 * A query string of what AWS has decoded into maps, encoded once more. Its order and the way it was
 * written are lost.
 *
 * @param many The map of arrays, which is whole; `single` has only the last value of each name.
 */
export function encodeQuery(many: unknown, single: unknown): string {
  return joinQuery(many, single, (text) => encodeURIComponent(text.toWellFormed()));
}

/** A query string of maps whose names and values are as the client sent them. */
export function rawQuery(many: unknown, single: unknown): string {
  return joinQuery(many, single, (text) => text);
}

/** Whether a path is at or below `/segment`. */
export function isBelow(path: string, mount: string): boolean {
  return path.startsWith(mount) && (path.length === mount.length || path[mount.length] === "/");
}

// The unreserved characters and sub-delims of RFC 3986, "/", ":" and "@".
const PLAIN_PATH = /^[A-Za-z0-9\-._~!$&'()*+,;=:@/]*$/;
const UNSAFE_IN_PATH = /[^A-Za-z0-9\-._~!$&'()*+,;=:@/]/gu;

function joinQuery(many: unknown, single: unknown, encode: (text: string) => string): string {
  const whole = many !== null && many !== undefined;
  const map = whole ? many : single;
  if (map === null || map === undefined) {
    return "";
  }
  const path = whole ? "multiValueQueryStringParameters" : "queryStringParameters";
  if (!isObject(map)) {
    throw malformed(path, map, "an object");
  }
  const pairs: string[] = [];
  for (const name in map) {
    const values = map[name];
    for (const value of Array.isArray(values) ? values : [values]) {
      if (typeof value !== "string" && value !== null) {
        throw malformed(`${path}[${JSON.stringify(name)}]`, value, "a string");
      }
      pairs.push(`${encode(name)}=${encode(value ?? "")}`);
    }
  }
  return pairs.join("&");
}
