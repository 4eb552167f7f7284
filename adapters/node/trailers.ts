import { checkHeaders, DramError, type HeaderList, quote } from "../../core/mod.ts";
import { isHttp2, isOver, type NodeResponse } from "./client.ts";

/** Whether a TE field says that trailers are understood (RFC 9110 §10.1.4). */
export function acceptsTrailers(te: string): boolean {
  return te.split(",").some((coding) => coding.trim().toLowerCase() === "trailers");
}

const added = new WeakMap<NodeResponse, HeaderList>();

/** `dram.trailers`. */
export function addTrailers(response: NodeResponse, headers: HeaderList): void {
  const { list } = checkHeaders(headers, "refuse", "dram.trailers");
  for (const [name] of list) {
    if (FORBIDDEN.has(name.toLowerCase())) {
      throw new DramError(
        "ERR_HEADER_NAME",
        `dram.trailers: ${quote(name)} is needed before the body; send it as a header`,
      );
    }
  }
  if (response.writableEnded || isOver(response)) {
    throw new DramError("ERR_CLOSED", "dram.trailers was called after the response had ended");
  }
  if (!isHttp2(response) && response.headersSent && !response.chunkedEncoding) {
    throw new DramError(
      "ERR_CONTENT_LENGTH",
      "dram.trailers: the response has been started without chunks; call it before the first chunk",
    );
  }
  added.set(response, [...(added.get(response) ?? []), ...list]);
}

/** Whether trailers are to follow, as far as one can tell now. */
export function hasTrailers(response: NodeResponse): boolean {
  return added.has(response);
}

/** Hands the trailers over to Node, which sends them at the end. */
export function setTrailers(response: NodeResponse): void {
  const list = added.get(response);
  if (list === undefined) {
    return;
  }
  if (!isHttp2(response)) {
    response.addTrailers(list);
    return;
  }
  const grouped = new Map<string, string>();
  for (const [name, value] of list) {
    const lower = name.toLowerCase();
    const earlier = grouped.get(lower);
    grouped.set(lower, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  response.addTrailers(Object.fromEntries(grouped));
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
