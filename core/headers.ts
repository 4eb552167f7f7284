import { memoize } from "./cache.ts";
import { DramError, describe, quote } from "./errors.ts";
import { CACHE_CAPACITY } from "./limits.ts";
import type { HeaderList } from "./types.ts";

/** Response headers that have passed every check. */
export interface CheckedHeaders {
  /** The gateway's own copy, names and order as given. */
  readonly list: HeaderList;
  /** Bytes announced by Content-Length; `undefined` if the application gave none. */
  readonly length: number | undefined;
}

/** RFC 9110 §5.6.2 `token`. */
export const TOKEN: RegExp = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

// HTAB is allowed as RFC 9110 §5.5 and current wsgiref have it. All other control characters are
// refused here, before any platform object exists: Fetch trims a trailing CR LF silently, workerd
// sends BEL, and Deno's server process dies of it.
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Checks and copies the list an application gave to `startResponse`, early hints or trailers.
 *
 * @param hopByHop What to do with a header that belongs to the connection: `refuse` (PEP 3333:
 *   a fatal error) or `strip`.
 * @param caller What the application called, for the message.
 * @throws {DramError} `ERR_HEADERS`, `ERR_HEADER_NAME`, `ERR_HEADER_VALUE`, `ERR_HOP_BY_HOP` or
 *   `ERR_CONTENT_LENGTH`.
 */
export function checkHeaders(
  headers: unknown,
  hopByHop: "refuse" | "strip",
  caller = "startResponse",
): CheckedHeaders {
  if (!Array.isArray(headers)) {
    throw new DramError(
      "ERR_HEADERS",
      `${caller}: headers is ${describe(headers)}; wanted an array of [name, value] pairs`,
    );
  }
  const list: HeaderList = [];
  let length: number | undefined;
  for (let index = 0; index < headers.length; index++) {
    const pair = checkPair(headers[index], index, caller);
    const kind = kindOf(pair[0]);
    if (kind === "malformed") {
      throw new DramError(
        "ERR_HEADER_NAME",
        `${caller}: ${quote(pair[0])} is not a header name (letters, digits and !#$%&'*+-.^_\`|~)`,
      );
    }
    if (kind === "status") {
      throw new DramError(
        "ERR_HEADER_NAME",
        `${caller}: "Status" is no HTTP header; give the status as the first argument of startResponse`,
      );
    }
    if (kind === "hop-by-hop") {
      if (hopByHop === "refuse") {
        throw new DramError(
          "ERR_HOP_BY_HOP",
          `${caller}: ${quote(pair[0])} is hop-by-hop and the gateway's own affair; leave it out`,
        );
      }
      continue;
    }
    if (kind === "content-length") {
      length = checkLength(pair[1], length, caller);
    }
    list.push(pair);
  }
  return { list, length };
}

function checkPair(pair: unknown, index: number, caller: string): [string, string] {
  if (!Array.isArray(pair) || pair.length !== 2) {
    const found = Array.isArray(pair) ? `an array of ${pair.length}` : describe(pair);
    throw new DramError(
      "ERR_HEADERS",
      `${caller}: headers[${index}] is ${found}; wanted [name, value]`,
    );
  }
  const [name, value]: unknown[] = pair;
  if (typeof name !== "string") {
    throw new DramError(
      "ERR_HEADER_NAME",
      `${caller}: the name of headers[${index}] is ${describe(name)}; wanted a string`,
    );
  }
  if (typeof value !== "string") {
    throw new DramError(
      "ERR_HEADER_VALUE",
      `${caller}: the value of ${quote(name)} is ${describe(value)}; wanted a string`,
    );
  }
  if (!VALUE.test(value)) {
    throw new DramError(
      "ERR_HEADER_VALUE",
      `${caller}: the value of ${quote(name)} holds a control character or one above U+00FF: ${quote(value)}`,
    );
  }
  return [name, value];
}

function checkLength(value: string, earlier: number | undefined, caller: string): number {
  const length = parseLength(value);
  if (length === undefined) {
    throw new DramError(
      "ERR_CONTENT_LENGTH",
      `${caller}: Content-Length is ${quote(value)}; wanted a count of bytes in digits`,
    );
  }
  if (earlier !== undefined) {
    throw new DramError("ERR_CONTENT_LENGTH", `${caller}: Content-Length is given twice`);
  }
  return length;
}

/**
 * Bytes announced by a Content-Length, of a request or a response.
 *
 * @returns `undefined` for anything but digits, and for what no number holds exactly.
 */
export function parseLength(value: string): number | undefined {
  const length = /^[0-9]+$/.test(value) ? Number(value) : Number.NaN;
  return Number.isSafeInteger(length) ? length : undefined;
}

/** Whether a list has a header of this name. */
export function hasHeader(list: HeaderList, lowerName: string): boolean {
  return list.some(([name]) => name.toLowerCase() === lowerName);
}

/** Whether a header belongs to the connection, not to the response. */
export function isHopByHop(name: string): boolean {
  return HOP_BY_HOP.has(name.toLowerCase());
}

// Those of RFC 9110 §7.6.1 and RFC 2616 §13.5.1, which PEP 3333 names, `trailers` as wsgiref has it.
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "trailers",
  "transfer-encoding",
  "upgrade",
]);

type Kind = "plain" | "hop-by-hop" | "content-length" | "status" | "malformed";

const kindOf = memoize((name: string): Kind => {
  if (!TOKEN.test(name)) {
    return "malformed";
  }
  const lower = name.toLowerCase();
  if (lower === "status" || lower === "content-length") {
    return lower;
  }
  return isHopByHop(lower) ? "hop-by-hop" : "plain";
}, CACHE_CAPACITY);
