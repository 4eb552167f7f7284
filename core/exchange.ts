import { textOf } from "./body.ts";
import { asChunk, byteLength, encodeUtf8 } from "./bytes.ts";
import { checkChunks, cut, knownLength } from "./chunks.ts";
import { asDramError, DramError, describe, explain, isDisconnect } from "./errors.ts";
import type { Gateway } from "./gateway.ts";
import { type Head, withLength, withoutBody } from "./head.ts";
import { checkHeaders } from "./headers.ts";
import { Input } from "./input.ts";
import { logLine } from "./log.ts";
import { isLoopback } from "./loopback.ts";
import { nativeOf } from "./nativebody.ts";
import { errorResponse, type GatewayResponse, type NativeResponse } from "./response.ts";
import { Returned } from "./returned.ts";
import { type ExchangeState, original, START_RESPONSE } from "./startresponse.ts";
import { mayHaveBody, parseStatus } from "./status.ts";
import { disconnected, ResponseStream, type StreamEnd, shortBody } from "./stream.ts";
import { ignore, isThenable } from "./thenable.ts";
import type { Application, Environ, StartResponse, Write } from "./types.ts";

/**
 * Calls an application once and makes a response of what it does.
 *
 * The result is a promise only if the application needs one: it answers at once if the
 * application returns an array of chunks, `text()` or `json()` without awaiting anything.
 * Whatever goes wrong before the headers are committed becomes a 500 here, is logged to
 * `wsgi.errors` in one line, and never throws or rejects.
 *
 * @param application Called with exactly two arguments. Anything but a function is answered 500.
 * @param environ Not read again after the call: the application may have changed it.
 */
export function run(
  application: Application,
  environ: Environ,
  gateway: Gateway,
): GatewayResponse | Promise<GatewayResponse> {
  const exchange = new Exchange(environ, gateway);
  try {
    if (typeof application !== "function") {
      throw new DramError(
        "ERR_APPLICATION",
        `the application is ${describe(application)}; wanted a function (environ, startResponse)`,
      );
    }
    const returned: unknown = application(environ, exchange.startResponse);
    return isThenable(returned) ? exchange.respondLater(returned) : exchange.respond(returned);
  } catch (error) {
    return exchange.fail(error);
  }
}

class Exchange {
  #gateway: Gateway;
  #state: ExchangeState = "idle";
  /** Absent in `started` if the last call of startResponse failed. */
  #head: Head | undefined;
  /** The application has returned or thrown; its promise, if any, has settled. */
  #returned = false;
  #body: Returned | undefined;
  /** Set by `write()`: the response that is on its way while the application still runs. */
  #committed: GatewayResponse | undefined;
  #stream: ResponseStream | undefined;
  /** Why there will be no response: the client left, or the gateway has ended the request. */
  #ended: DramError | undefined;
  #deliver: ((response: GatewayResponse) => void) | undefined;
  #settled: Promise<unknown> | undefined;
  // Kept from environ, which is the application's to change.
  #method: string;
  #uri: string;
  #errors: Environ["wsgi.errors"];
  #input: Environ["wsgi.input"];
  #signal: Environ["dram.signal"];
  #waitUntil: Environ["dram.wait_until"];
  #takesNative: boolean;
  #requestId: string | undefined;
  #debug: boolean;

  constructor(environ: Environ, gateway: Gateway) {
    this.#gateway = gateway;
    this.#method = environ.REQUEST_METHOD;
    this.#uri = environ.REQUEST_URI;
    this.#errors = environ["wsgi.errors"];
    this.#input = environ["wsgi.input"];
    this.#signal = environ["dram.signal"];
    this.#waitUntil = environ["dram.wait_until"];
    this.#takesNative = environ["dram.native_response"] !== undefined;
    const id = environ["dram.request_id"];
    this.#requestId = typeof id === "string" ? id : undefined;
    this.#debug = gateway.debug && isLoopback(environ);
  }

  readonly startResponse: StartResponse = (status, headers, error) => {
    const given = error !== undefined && error !== null;
    const action = START_RESPONSE[this.#state][given ? "withError" : "plain"];
    if (action === "rethrow") {
      throw original(error);
    }
    if (action === "refuse") {
      throw this.#state === "closed"
        ? new DramError("ERR_CLOSED", "startResponse was called after the response had ended")
        : new DramError(
            "ERR_STARTED_TWICE",
            "startResponse was called again without the error it reports as third argument",
          );
    }
    // Before the checks: a failed call counts as one (PEP 3333's own sample stores first).
    this.#state = "started";
    this.#head = undefined;
    const { code, reason } = parseStatus(status);
    const { list, length } = checkHeaders(headers, this.#gateway.hopByHop);
    this.#head = { status: code, reason, headers: list, length };
    return this.#write;
  };

  readonly #write: Write = (chunk) => {
    const bytes = asChunk(chunk);
    if (this.#returned) {
      throw new DramError(
        "ERR_CLOSED",
        "write() was called after the application had returned; yield the chunk from the body",
      );
    }
    this.#committed ??= this.#commitByWrite(this.#startedHead(bytes));
    return this.#stream === undefined ? Promise.resolve() : this.#stream.put(bytes);
  };

  /** The application has returned a promise; `write()` may commit before it settles. */
  respondLater(returned: PromiseLike<unknown>): Promise<GatewayResponse> {
    return new Promise((deliver) => {
      const settled = Promise.resolve(returned).then(
        (body) => deliver(this.respond(body)),
        (error: unknown) => deliver(this.fail(error)),
      );
      this.#settled = settled;
      if (this.#committed === undefined) {
        this.#deliver = deliver;
      } else {
        deliver(this.#committed);
        this.#waitUntil?.(settled);
      }
    });
  }

  /** The application has returned. Never throws itself, even if what it returned does. */
  respond(returned: unknown): GatewayResponse | Promise<GatewayResponse> {
    this.#returned = true;
    const head = this.#head;
    try {
      if (this.#state === "started" && head !== undefined) {
        const content = textOf(returned);
        if (content !== undefined) {
          return head.length === undefined && this.#mayHaveBody(head)
            ? this.#complete(head, content, undefined)
            : this.#respondWith(head, [encodeUtf8(content)]);
        }
        if (Array.isArray(returned) && !("close" in returned)) {
          return this.#respondWith(head, returned);
        }
        const { status, reason, headers, length } = head;
        const native = this.#takesNative
          ? nativeOf(returned, `${status} ${reason}`, headers, length)
          : undefined;
        if (native !== undefined && this.#mayHaveBody(head)) {
          return this.#handOver(head, native);
        }
      }
      return this.#respondIterating(returned);
    } catch (error) {
      return this.fail(error);
    }
  }

  /** The application has thrown, or done what no application may. Never throws itself. */
  fail(error: unknown): GatewayResponse {
    this.#returned = true;
    if (this.#committed !== undefined && this.#stream !== undefined && this.#state !== "closed") {
      this.#stream.fail(error);
      return this.#committed;
    }
    if (this.#ended !== undefined) {
      return this.#errorPage(this.#ended);
    }
    // An application that stops because its client has left does what it should.
    if (this.#committed === undefined || !isDisconnect(error)) {
      this.#log(error);
    }
    this.#release();
    if (this.#committed !== undefined) {
      return this.#committed;
    }
    return this.#errorPage(error);
  }

  #errorPage(error: unknown): GatewayResponse {
    const page = errorResponse(error, this.#debug);
    return this.#isHead ? { ...page, body: null } : page;
  }

  get #isHead(): boolean {
    return this.#method === "HEAD";
  }

  #mayHaveBody(head: Head): boolean {
    return mayHaveBody(head.status, this.#isHead);
  }

  /** All chunks are there and nothing has been sent, so that every fault can still become a 500. */
  #respondWith(head: Head, chunks: readonly unknown[]): GatewayResponse {
    checkChunks(chunks);
    const total = byteLength(chunks);
    if (!this.#mayHaveBody(head)) {
      this.#warnDropped(head, total);
      return this.#completeWithout(head, chunks.length === 0 ? undefined : total);
    }
    const { length = total } = head;
    if (total < length) {
      throw shortBody(length - total);
    }
    return this.#complete(head, total > length ? cut(chunks, length) : chunks, length);
  }

  /** Any other body: pulled until its first non-empty chunk, which commits the headers. */
  async #respondIterating(returned: unknown): Promise<GatewayResponse> {
    try {
      const body = new Returned(returned);
      this.#body = body;
      if (this.#committed !== undefined) {
        if (this.#stream === undefined || this.#state === "closed") {
          this.#release();
        } else {
          this.#stream.iterate(body);
        }
        return this.#committed;
      }
      const first = await this.#firstChunk(body);
      if (this.#ended !== undefined) {
        return this.#errorPage(this.#ended);
      }
      const head = this.#startedHead(first);
      if (!this.#mayHaveBody(head)) {
        this.#warnDropped(head, first?.length ?? 0);
        return this.#completeWithout(head, knownLength(returned));
      }
      if (first === null) {
        if (head.length !== undefined && head.length > 0) {
          throw shortBody(head.length);
        }
        return this.#complete(head, [], 0);
      }
      const length = knownLength(returned);
      if (length !== undefined && head.length !== undefined && length < head.length) {
        throw shortBody(head.length - length);
      }
      const known = withLength(head, length);
      this.#state = "committed";
      const stream = this.#createStream(known);
      stream.iterate(body, first);
      return { ...known, body: stream };
    } catch (error) {
      return this.fail(error);
    }
  }

  /**
   * The first chunk with bytes in it; `null` at the end, and as soon as no chunk can be wanted: a
   * HEAD request need not run a body that never ends. An abort of `dram.signal` meanwhile ends the
   * body at once, for there is no stream yet to be cancelled: the client has left, or, if the reason
   * is a DramError, the gateway has ended the request and that error is the answer.
   */
  async #firstChunk(body: Returned): Promise<Uint8Array | null> {
    let leave: () => void = ignore;
    const gone = new Promise<null>((resolve) => {
      leave = () => {
        this.#ended = asDramError(this.#signal?.reason) ?? disconnected();
        this.#release();
        resolve(null);
      };
    });
    if (this.#signal?.aborted) {
      leave();
    }
    this.#signal?.addEventListener("abort", leave);
    try {
      while (this.#ended === undefined) {
        const head = this.#head;
        if (head !== undefined && (!this.#mayHaveBody(head) || head.length === 0)) {
          return null;
        }
        const chunk = await Promise.race([body.next(), gone]);
        if (chunk === null || chunk.length > 0) {
          return chunk;
        }
      }
      return null;
    } finally {
      this.#signal?.removeEventListener("abort", leave);
    }
  }

  #startedHead(chunk: Uint8Array | null): Head {
    if (this.#head === undefined) {
      const when = chunk === null ? "ended its body" : `produced ${chunk.length} bytes`;
      throw new DramError(
        "ERR_NOT_STARTED",
        `the application ${when} before a successful call of startResponse(status, headers)`,
      );
    }
    return this.#head;
  }

  #commitByWrite(head: Head): GatewayResponse {
    this.#state = "committed";
    const committed = this.#mayHaveBody(head)
      ? { ...head, body: this.#createStream(head) }
      : withoutBody(head, this.#isHead, undefined);
    this.#deliver?.(committed);
    if (this.#settled !== undefined) {
      this.#waitUntil?.(this.#settled);
    }
    return committed;
  }

  #createStream(head: Head): ResponseStream {
    this.#stream = new ResponseStream(head.length, (end) => this.#streamEnded(end));
    return this.#stream;
  }

  #streamEnded(end: StreamEnd): void {
    this.#state = "closed";
    if ("error" in end && !isDisconnect(end.error)) {
      this.#log(end.error);
    }
    if (this.#returned) {
      this.#release();
    }
  }

  #complete(
    head: Head,
    body: string | readonly Uint8Array[],
    length: number | undefined,
  ): GatewayResponse {
    this.#release();
    return { ...head, length, body };
  }

  /** The rest is the platform's: it may still read the request body, if the response is made of it. */
  #handOver(head: Head, native: NativeResponse): GatewayResponse {
    this.#state = "closed";
    this.#errors.flush();
    return { ...head, length: undefined, body: null, native };
  }

  #completeWithout(head: Head, inferred: number | undefined): GatewayResponse {
    this.#release();
    return withoutBody(head, this.#isHead, inferred);
  }

  /** The last thing to be done: exactly once, when nobody produces or wants bytes any more. */
  #release(): void {
    this.#state = "closed";
    if (this.#body === undefined) {
      this.#endStreams();
      return;
    }
    const closed = this.#body
      .close()
      .catch((error: unknown) => this.#log(error))
      .then(() => this.#endStreams());
    this.#waitUntil?.(closed);
  }

  #endStreams(): void {
    if (this.#input instanceof Input) {
      this.#input.end();
    }
    this.#errors.flush();
  }

  #warnDropped(head: Head, bytes: number): void {
    if (bytes > 0 && !this.#isHead) {
      this.#line(
        `a response with status ${head.status} has no body; the application's was dropped`,
      );
    }
  }

  #log(error: unknown): void {
    this.#gateway.platform.onError?.(error);
    this.#line(explain(error));
  }

  #line(message: string): void {
    logLine(this.#errors, this.#method, this.#uri, this.#requestId, message);
  }
}
