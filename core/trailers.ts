import { DramError, quote } from "./errors.ts";
import { checkHeaders } from "./headers.ts";
import type { HeaderList } from "./types.ts";

/** Whether a TE field says that trailers are understood (RFC 9110 §10.1.4). */
export function acceptsTrailers(te: string): boolean {
  return te.split(",").some((coding) => coding.trim().toLowerCase() === "trailers");
}

/**
 * Checks and copies what an application gave to `dram.trailers`.
 *
 * @throws {DramError} As for headers, and `ERR_HEADER_NAME` for a field that is no trailer.
 */
export function checkTrailers(headers: unknown): HeaderList {
  const { list } = checkHeaders(headers, "refuse", "dram.trailers");
  for (const [name] of list) {
    if (FORBIDDEN.has(name.toLowerCase())) {
      throw new DramError(
        "ERR_HEADER_NAME",
        `dram.trailers: ${quote(name)} is needed before the body; send it as a header`,
      );
    }
  }
  return list;
}

// What RFC 9110 §6.5.1 excludes: framing, routing, request modifiers, authentication, what says how
// to process the content, and what says how to treat the response.
const FORBIDDEN = new Set([
  "age",
  "authorization",
  "cache-control",
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
  "date",
  "expect",
  "expires",
  "host",
  "location",
  "max-forwards",
  "pragma",
  "proxy-authentication-info",
  "range",
  "retry-after",
  "set-cookie",
  "vary",
  "warning",
  "www-authenticate",
]);
