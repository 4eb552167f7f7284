import { nativeFromText } from "./bytes.ts";
import { memoize } from "./cache.ts";
import { DramError, quote } from "./errors.ts";
import type { Gateway } from "./gateway.ts";
import { parseLength, TOKEN } from "./headers.ts";
import { Input, type OpenBody } from "./input.ts";
import {
  CACHE_CAPACITY,
  MAX_CACHED_KEY,
  MAX_REQUEST_FIELDS,
  MAX_REQUEST_HEADER_SIZE,
} from "./limits.ts";
import { isHost } from "./target.ts";
import type { Environ } from "./types.ts";

/**
 * The one way request headers get into an environ: every adapter calls `add` for each field in
 * arrival order, then `finish`. A rule added here holds on every platform.
 */
export class RequestFields {
  #environ: Environ;
  #gateway: Gateway;
  #count = 0;
  #size = 0;
  /** The marks of the keys that have been added. */
  #marks = 0;
  #chunked = false;
  #length: number | undefined;

  /** Adds to an environ from `createEnviron`. */
  constructor(environ: Environ, gateway: Gateway) {
    this.#environ = environ;
    this.#gateway = gateway;
  }

  /**
   * Adds one field: `Content-Type` and `Content-Length` under their CGI names, any other as
   * `HTTP_NAME`. Repeated fields are joined in order, `cookie` with `; ` (RFC 9113 §8.2.3), all
   * others with `, ` (RFC 9110 §5.3).
   *
   * Left out are `Proxy`, which would become the `HTTP_PROXY` that HTTP clients obey (httpoxy);
   * names with an underscore, which would pass for those with a dash (CVE-2015-0219); and
   * `Transfer-Encoding`, which the platform has decoded.
   *
   * @param name In any case.
   * @throws {DramError} For what no well-formed request holds: `ERR_REQUEST_HEADER`, `ERR_HOST`,
   *   `ERR_FRAMING`, `ERR_REQUEST_HEADERS_TOO_LARGE`.
   */
  add(name: string, value: string): void {
    this.#size += name.length + value.length;
    const place = this.#count++;
    if (place >= MAX_REQUEST_FIELDS || this.#size > MAX_REQUEST_HEADER_SIZE) {
      throw new DramError(
        "ERR_REQUEST_HEADERS_TOO_LARGE",
        `the request has more than ${MAX_REQUEST_FIELDS} header fields or ${MAX_REQUEST_HEADER_SIZE} characters of them`,
      );
    }
    const { key, kind, mark } = fieldAt(place, name);
    const native = PLAIN.test(value) ? value : this.#native(name, value);
    const isFirst = (this.#marks & mark) === 0;
    switch (kind) {
      case "any":
        this.#environ[key] = isFirst ? native : this.#joined(key, native);
        break;
      case "host":
        checkHost(native, "the Host header");
        this.#once(key, native, isFirst);
        break;
      case "once":
        this.#once(key, native, isFirst);
        break;
      case "length":
        this.#contentLength(native);
        break;
      case "coding":
        this.#transferEncoding(native);
        break;
      case "underscore":
        this.#underscore(name);
        break;
    }
    this.#marks |= mark;
  }

  /**
   * Puts the host of an absolute-form request target in place of the Host header, which has been
   * checked all the same (RFC 9112 §3.2.2).
   *
   * @throws {DramError} `ERR_HOST`.
   */
  replaceHost(authority: string): void {
    checkHost(authority, "the host of the request target");
    this.#environ.HTTP_HOST = authority;
    // A Host header after it would be the second.
    this.#marks = -1;
  }

  /**
   * Adds `wsgi.input`, now that the framing is known, and last the deployer's own keys.
   *
   * @param open Gives the platform's body, or `null` if there is none; called at the first read.
   * @throws {DramError} `ERR_FRAMING` for both a length and a transfer coding, `ERR_BODY_TOO_LARGE`.
   */
  finish(open: OpenBody): void {
    const announced = this.#announced();
    const limit = this.#gateway.maxBodySize;
    const { REQUEST_METHOD: method } = this.#environ;
    const expected =
      announced !== undefined || this.#chunked || (method !== "GET" && method !== "HEAD");
    this.#environ["wsgi.input"] = new Input(open, { announced, limit, expected });
    for (const [key, value] of this.#gateway.environ) {
      this.#environ[key] = value;
    }
  }

  #announced(): number | undefined {
    const length = this.#length;
    if (length === undefined) {
      return undefined;
    }
    if (this.#chunked) {
      // Request smuggling: the server before us may have gone by the other one (RFC 9112 §6.1).
      throw new DramError(
        "ERR_FRAMING",
        "the request has both Content-Length and Transfer-Encoding",
      );
    }
    const { maxBodySize } = this.#gateway;
    if (length > maxBodySize) {
      throw new DramError(
        "ERR_BODY_TOO_LARGE",
        `the request body has ${length} bytes; at most ${maxBodySize} are taken`,
      );
    }
    return length;
  }

  /** A value that is not plain ASCII: bytes as code points, without control characters. */
  #native(name: string, value: string): string {
    // workerd keeps white space at the end of a value, which is no part of it (RFC 9110 §5.5).
    const trimmed = trimBlanks(value);
    if (CONTROL.test(trimmed)) {
      throw new DramError(
        "ERR_REQUEST_HEADER",
        `the value of the ${quote(name)} header holds a control character: ${quote(trimmed)}`,
      );
    }
    return this.#gateway.platform.headerDecoding === "utf8" && NON_ASCII.test(trimmed)
      ? nativeFromText(trimmed)
      : trimmed;
  }

  #joined(key: string, value: string): string {
    const earlier = this.#environ[key];
    return earlier === undefined
      ? value
      : `${earlier}${key === "HTTP_COOKIE" ? "; " : ", "}${value}`;
  }

  /** For fields of which two would let two servers on the way each believe another one. */
  #once(key: string, value: string, isFirst: boolean): void {
    if (!isFirst && this.#environ[key] !== undefined) {
      throw new DramError("ERR_REQUEST_HEADER", `the request has two headers for ${key}`);
    }
    this.#environ[key] = value;
  }

  #contentLength(value: string): void {
    const length = parseLength(value);
    if (length === undefined) {
      throw new DramError(
        "ERR_FRAMING",
        `Content-Length is ${quote(value)}; wanted a count of bytes in digits`,
      );
    }
    if (this.#length !== undefined) {
      throw new DramError("ERR_FRAMING", "the request has two Content-Length headers");
    }
    this.#length = length;
    this.#environ.CONTENT_LENGTH = value;
  }

  #transferEncoding(value: string): void {
    if (
      this.#chunked ||
      value.toLowerCase() !== "chunked" ||
      this.#environ.SERVER_PROTOCOL === "HTTP/1.0"
    ) {
      throw new DramError(
        "ERR_FRAMING",
        `Transfer-Encoding is ${quote(value)}; wanted "chunked" once, and not in HTTP/1.0`,
      );
    }
    this.#chunked = true;
  }

  #underscore(name: string): void {
    if (this.#gateway.underscoreHeaders === "refuse") {
      throw new DramError("ERR_REQUEST_HEADER", `the header name ${quote(name)} has an underscore`);
    }
    if (!warned.has(this.#gateway)) {
      warned.add(this.#gateway);
      this.#environ["wsgi.errors"].write(
        `dram: dropped the request header ${quote(name)}: environ could not tell its underscore from a dash; further ones are dropped in silence\n`,
      );
    }
  }
}

function checkHost(host: string, where: string): void {
  if (!isHost(host)) {
    throw new DramError("ERR_HOST", `${where} is ${quote(host)}; wanted a host name`);
  }
}

/**
 * Without the white space at both ends. By hand, because an expression such as `[\t ]+$` tries
 * every blank inside the value as the start of its end: 14 s for 128 KB of them.
 */
function trimBlanks(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value.charCodeAt(start))) {
    start++;
  }
  while (start < end && isBlank(value.charCodeAt(end - 1))) {
    end--;
  }
  return value.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** Gateways that have said that they drop headers with an underscore. */
const warned = new WeakSet<Gateway>();

// No white space at either end, nothing but printable ASCII: what nearly every value is.
const PLAIN = /^(?:[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?)?$/;
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/;
const NON_ASCII = /[^\0-\x7f]/;

/** What a request header is by its name. */
interface Field {
  /** As the request has it. */
  readonly name: string;
  /** Where environ has it. */
  readonly key: string;
  readonly kind: "any" | "once" | "host" | "length" | "coding" | "underscore" | "dropped";
  /**
   * One bit, by the key alone: a key whose bit no field of the request has had is not in environ yet.
   * To ask environ for what it has not costs 20 ns a header, and 200 where clients are many.
   */
  readonly mark: number;
}

/** What the latest request had at each place. */
const latest: Field[] = [];

/**
 * Requests have their headers in the order of the one before: to compare two names is cheaper than to
 * look one up, which V8 does not before it has made the platform's new string one of its own. In
 * workerd 7 % of what dram does for a hello.
 */
function fieldAt(place: number, name: string): Field {
  const likely = latest[place];
  if (likely !== undefined && likely.name === name) {
    return likely;
  }
  const field = fieldOf(name);
  if (name.length <= MAX_CACHED_KEY) {
    latest[place] = field;
  }
  return field;
}

const fieldOf = memoize((name: string): Field => {
  if (!TOKEN.test(name)) {
    throw new DramError("ERR_REQUEST_HEADER", `${quote(name)} is not a header name`);
  }
  const key = name.toUpperCase().replaceAll("-", "_");
  if (name.includes("_")) {
    return { name, key, kind: "underscore", mark: 0 };
  }
  switch (key) {
    case "PROXY":
      return { name, key, kind: "dropped", mark: 0 };
    case "CONTENT_TYPE":
      return { name, key, kind: "once", mark: markOf(key) };
    case "CONTENT_LENGTH":
      return { name, key, kind: "length", mark: 0 };
    case "HOST":
      return { name, key: "HTTP_HOST", kind: "host", mark: markOf(key) };
    case "TRANSFER_ENCODING":
      return { name, key, kind: "coding", mark: 0 };
    default:
      return { name, key: `HTTP_${key}`, kind: "any", mark: markOf(key) };
  }
}, CACHE_CAPACITY);

/** By 5 and 29 the fewest of the names that browsers and proxies send meet: 5 of 25. */
function markOf(key: string): number {
  let hash = 0;
  for (let index = 0; index < key.length; index++) {
    hash = (hash * 5 + key.charCodeAt(index)) | 0;
  }
  return 1 << ((hash >>> 0) % 29);
}
