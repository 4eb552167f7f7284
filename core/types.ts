import type { SaidResponse } from "./nativebody.ts";

/**
 * The WSGI callable: `application(environ, startResponse)` (PEP 3333), async-capable.
 *
 * It may return before, after or while it streams, and may call `startResponse` late,
 * inside the iteration of the body it returned.
 */
export type Application = (environ: Environ, startResponse: StartResponse) => Body | Promise<Body>;

/**
 * Sets status and headers; nothing is sent before the first non-empty chunk, the first
 * `write()` or the end of the body.
 *
 * @param status Three digits, one space, reason: `"200 OK"`. 200 to 599.
 * @param headers Copied at the call; changing the list afterwards has no effect.
 * @param error PEP 3333's `exc_info`: an `Error`, a Python-shaped triple or `{ error }`.
 *   `null` and `undefined` mean "not given". With it, status and headers replace those of
 *   an earlier call; once the headers are committed, the same error is thrown back.
 * @returns `write`, which may be called at once and for as long as the application runs.
 * @throws {DramError} If status or headers are malformed, or at a second call without `error`.
 */
export type StartResponse = (status: string, headers: HeaderList, error?: unknown) => Write;

/** Header fields in order, duplicates kept. Strings hold bytes as U+0000 to U+00FF. */
export type HeaderList = [name: string, value: string][];

/**
 * Queues one chunk behind those before it. The promise resolves when the platform has taken
 * the chunk (back-pressure); not awaiting it loses neither the chunk nor the order.
 * An empty chunk commits the headers.
 *
 * @throws {DramError} At once, for anything but bytes, past Content-Length, or after the end.
 */
export type Write = (chunk: Uint8Array) => Promise<void>;

/**
 * What an application returns: chunks of bytes in order. A chunk belongs to the gateway once
 * it is yielded: do not change it afterwards. `close()`, if there is one, is called exactly
 * once, on this very object, whatever happens.
 */
export type Body = (Iterable<Uint8Array> | AsyncIterable<Uint8Array>) & {
  close?(): void | Promise<void>;
};

/** An application in, an application out. */
export type Middleware = (application: Application) => Application;

/** The request body, `environ["wsgi.input"]`: one position shared by all methods. */
export interface InputStream {
  /**
   * Bytes of the body.
   *
   * @param size Bytes wanted: exactly that many unless the body ends first. Omitted, `null`
   *   or negative: everything that is left.
   * @returns A fresh copy; empty at the end of the body, every time.
   * @throws {DramError} `ERR_CLIENT_DISCONNECTED` if the body is shorter than announced,
   *   `ERR_BODY_TOO_LARGE` past `maxBodySize`, `ERR_CLOSED` after the response has ended.
   */
  read(size?: number | null): Promise<Uint8Array>;
  /**
   * As Python's: whatever is there, as soon as anything is, at most `size` bytes; empty at the end.
   * Absent from a stream that a middleware has made without it. Throws as `read` does.
   */
  read1?(size?: number | null): Promise<Uint8Array>;
  /** Up to and including the next `\n` (0x0A), at most `size` bytes. Throws as `read` does. */
  readline(size?: number | null): Promise<Uint8Array>;
  /** Lines until their total reaches `hint` bytes; `hint` omitted or <= 0: all lines. Throws as `read` does. */
  readlines(hint?: number | null): Promise<Uint8Array[]>;
  /** Lines, as Python iterates a file. For chunks of any content call `read(size)`. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array>;
}

/** Where text for the log goes, `environ["wsgi.errors"]`. No method ever throws. */
export interface ErrorStream {
  /** Any Unicode; a lone surrogate becomes U+FFFD. One record per line. */
  write(text: string): void;
  /** Writes one text after the other. */
  writelines(texts: Iterable<string>): void;
  /** Sends an unfinished line now. Done by the gateway at the end of the request. */
  flush(): void | Promise<void>;
}

/** Something to read from, for `wsgi.file_wrapper`. */
export interface FileLike {
  /** At most `size` bytes; empty, `null` or `undefined` at the end. */
  read(size: number): Uint8Array | null | undefined | Promise<Uint8Array | null | undefined>;
  /** Called once, when nothing more is read. */
  close?(): void | Promise<void>;
}

/** `environ["wsgi.file_wrapper"]`: a body that reads `file` in blocks and closes it. */
export type FileWrapper = (file: FileLike, blockSize?: number) => Body;

/** What this gateway can do: `environ["dram.capabilities"]`, frozen. */
export interface Capabilities {
  /** Chunks leave one by one; false where the platform wants the whole response. */
  readonly streaming: boolean;
  /** The reason phrase reaches the client. */
  readonly reason: boolean;
  /** `dram.signal` aborts, and `close()` runs, when the client leaves. */
  readonly disconnect: boolean;
  /** Response trailers can be sent. */
  readonly trailers: boolean;
  /** `wsgi.early_hints` is present. */
  readonly earlyHints: boolean;
  /** Every header byte 0x80 to 0xFF goes in and out unchanged. */
  readonly latin1Headers: boolean;
  /** `REQUEST_URI` is the request target as the client sent it. */
  readonly rawTarget: boolean;
}

/**
 * The CGI and `wsgi.*` variables of one request: an ordinary object of own data properties
 * that inherits nothing. CGI values are native strings: bytes as U+0000 to U+00FF.
 * The application may change it in any way.
 */
export interface Environ {
  /** A token, case kept. */
  REQUEST_METHOD: string;
  /** The mount point: `""` or `/path` without a trailing slash. */
  SCRIPT_NAME: string;
  /** The rest of the path, percent-decoded once. */
  PATH_INFO: string;
  /** Everything after the first `?`, not decoded. */
  QUERY_STRING: string;
  /** The request target (path and query) as the platform gave it. */
  REQUEST_URI: string;
  /** The same, under the name that gunicorn gives it. */
  RAW_URI: string;
  /** The server's own name or address, as the platform knows it; IPv6 in brackets. Never empty. */
  SERVER_NAME: string;
  /** Digits. */
  SERVER_PORT: string;
  /** `HTTP/1.1`, `HTTP/2`, ... */
  SERVER_PROTOCOL: string;
  /** `CGI/1.1`. */
  GATEWAY_INTERFACE: string;
  /** `dram/1.2.3 (node)`. */
  SERVER_SOFTWARE: string;
  /** As the client sent it. Absent when it sent none. */
  CONTENT_TYPE?: string;
  /** Digits. Absent when the length is not known. */
  CONTENT_LENGTH?: string;
  /** The client's address, where the platform tells it. */
  REMOTE_ADDR?: string;
  /** Digits. */
  REMOTE_PORT?: string;
  /** Whom the server has authenticated. */
  REMOTE_USER?: string;
  /** How: `Basic`, ... */
  AUTH_TYPE?: string;
  /** `on` under TLS, absent otherwise. */
  HTTPS?: string;
  /** Of PEP 3333. */
  "wsgi.version": readonly [1, 0];
  /** `http` or `https`. */
  "wsgi.url_scheme": string;
  /** The request body. */
  "wsgi.input": InputStream;
  /** Always true: reading to the end is safe without CONTENT_LENGTH. */
  "wsgi.input_terminated": true;
  /** The log of this request. */
  "wsgi.errors": ErrorStream;
  /** Two requests can be in flight in one process or isolate. */
  "wsgi.multithread": boolean;
  /** Other processes or isolates may run the same application. */
  "wsgi.multiprocess": boolean;
  /** The process serves one request and ends. */
  "wsgi.run_once": boolean;
  /** Makes a body of a file. */
  "wsgi.file_wrapper"?: FileWrapper;
  /**
   * Sends `103 Early Hints` at once, before the response, with headers such as `Link` (gunicorn's
   * extension). Nothing is sent once the response's own headers are on their way.
   *
   * @throws {DramError} If the headers are malformed.
   */
  "wsgi.early_hints"?: (headers: HeaderList) => void;
  /**
   * Adds trailer fields, sent after the last chunk; present only if this client takes them. Called
   * before the headers leave, it makes HTTP/1.1 use chunks instead of Content-Length.
   *
   * @throws {DramError} If the headers are malformed or no trailers (RFC 9110 §6.5.1), after the
   *   end, and if an HTTP/1.1 response has been started with a Content-Length.
   */
  "dram.trailers"?: (headers: HeaderList) => void;
  /** Aborted when the client has left, a deadline is near or the server stops. */
  "dram.signal"?: AbortSignal;
  /** Keeps the platform running until the promise settles; a rejection is logged. */
  "dram.wait_until"?: (promise: Promise<unknown>) => void;
  /** What this gateway can do. */
  "dram.capabilities"?: Capabilities;
  /**
   * The platform's own request, for a bridge to hand on instead of one made of environ: `undefined` if
   * `environ` does not say any more what it said at first, or the body was touched. Give it the environ
   * that you were called with.
   */
  "dram.native_request"?: (environ: Environ) => unknown;
  /**
   * A body that stands for a whole response of the platform's own kind, such as a `Response`: if it
   * comes back to the gateway untouched, the response itself is sent; under another head than `said`
   * names, its body is. To be asked for before `startResponse` is given the same status and headers,
   * for middleware may change the list. `undefined` for what the platform does not send itself.
   */
  "dram.native_response"?: (response: object, said: SaidResponse) => Body | undefined;
  /** Request headers, bytes as U+0000 to U+00FF. */
  [header: `HTTP_${string}`]: string | undefined;
  /** Whatever the platform, the deployer or middleware adds. */
  [key: string]: unknown;
}
