import { nativeFromText } from "./bytes.ts";
import { memoize } from "./cache.ts";
import { DramError, quote } from "./errors.ts";
import { CACHE_CAPACITY } from "./limits.ts";

/** A request's URL cut in three, nothing decoded or normalised. */
export interface CutUrl {
  /** As in the URL; `""` if it is relative. */
  readonly scheme: string;
  /** Host and port as in the URL; `""` if the URL is relative. */
  readonly authority: string;
  /** The host, as `splitHost` has it. */
  readonly name: string;
  /** The port, as `splitHost` has it. */
  readonly port: string;
  /** Path and query. */
  readonly target: string;
}

/** The request target as environ has it, every string native. */
export interface Target {
  readonly uri: string;
  /** Percent-decoded once. */
  readonly path: string;
  readonly query: string;
}

/**
 * Cuts `request.url` by hand. Never by `new URL`: that normalises a second time (`/a/../b`,
 * `/%2e%2e`), so that one application would see another path on each platform.
 *
 * Some servers paste the Host header unchecked in front of the target (Deno: `Host: evil/admin?`
 * makes `http://evil/admin?/p`), so the cut is right only for a Host of valid grammar;
 * `RequestFields` refuses the others. Bun leaves the URL relative when Host is missing or bad.
 *
 * @throws {DramError} `ERR_HOST` if what stands before the path is no host: it may hold userinfo,
 *   or a `?` that would have become part of the path.
 */
export function cutUrl(url: string): CutUrl {
  if (url.charCodeAt(0) === SLASH) {
    return { scheme: "", authority: "", name: "", port: "", target: url };
  }
  const slash = url.indexOf("/", url.indexOf("://") + 3);
  const origin = cutOrigin(slash === -1 ? url : url.slice(0, slash));
  if (origin === null) {
    throw new DramError("ERR_HOST", `the host of the URL ${quote(url)} is not a host name`);
  }
  const { scheme, authority, name, port } = origin;
  return { scheme, authority, name, port, target: slash === -1 ? "/" : url.slice(slash) };
}

/** `null` for what is none. Remembered, because a server has few: 50 ns a request instead of 390. */
const cutOrigin: (origin: string) => Omit<CutUrl, "target"> | null = memoize((origin) => {
  const [, scheme, authority] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(.*)$/.exec(origin) ?? [];
  return scheme === undefined || authority === undefined || !isHost(authority)
    ? null
    : { scheme, authority, ...splitHost(authority) };
}, CACHE_CAPACITY);

/**
 * Splits and decodes a request target in origin form (or `*`).
 *
 * @param decoding How the platform turned the target's bytes into this string.
 * @throws {DramError} `ERR_TARGET` for `%00`, a raw control character or a space.
 */
export function parseTarget(target: string, decoding: "latin1" | "utf8"): Target {
  const hash = target.indexOf("#");
  let uri = hash === -1 ? target : target.slice(0, hash);
  if (!PLAIN.test(uri)) {
    if (/[\0-\x20\x7f]/.test(uri)) {
      throw new DramError(
        "ERR_TARGET",
        `the request target ${quote(uri)} holds a space or a control character`,
      );
    }
    uri = decoding === "utf8" ? nativeFromText(uri) : uri;
  }
  const mark = uri.indexOf("?");
  const path = mark === -1 ? uri : uri.slice(0, mark);
  return {
    uri,
    path: path.indexOf("%") === -1 ? path : decodePercent(path),
    query: mark === -1 ? "" : uri.slice(mark + 1),
  };
}

/**
 * Whether a text is a host with an optional port, as a Host header and a URL may have it: letters,
 * digits, `.`, `-`, `_`, `~`, or an IP literal in brackets. Percent escapes and the sub-delims of
 * RFC 3986 are left out: no real host has them, and every one of them has been an attack.
 */
export const isHost: (host: string) => boolean = memoize(
  (host) => /^(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?$/.test(host),
  CACHE_CAPACITY,
);

/** Splits `host:port`; the port is `""` if there is none. Brackets stay around an IPv6 literal. */
export function splitHost(authority: string): { name: string; port: string } {
  const colon = authority.lastIndexOf(":");
  // The last colon of "[::1]" is inside the brackets.
  if (colon === -1 || authority.indexOf("]", colon) !== -1) {
    return { name: authority, port: "" };
  }
  return { name: authority.slice(0, colon), port: authority.slice(colon + 1) };
}

/** The port that a URL of this scheme leaves out. */
export function defaultPort(scheme: string): string {
  return scheme === "https" ? "443" : "80";
}

const SLASH = 0x2f;
const PLAIN = /^[\x21-\x7e]*$/;

/** Decodes byte by byte, exactly once; a malformed escape stays as it is. */
function decodePercent(path: string): string {
  return path.replace(/%([0-9A-Fa-f]{2})/g, (found, hex: string) => {
    if (hex === "00") {
      throw new DramError("ERR_TARGET", `the path ${quote(path)} holds ${found}`);
    }
    return String.fromCharCode(Number.parseInt(hex, 16));
  });
}
