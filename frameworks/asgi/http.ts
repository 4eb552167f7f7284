import {
  type Body,
  DramError,
  EMPTY,
  type Environ,
  isBytes,
  isDisconnect,
  mayHaveInput,
  nativeFromBytes,
  readSome,
  type StartResponse,
  type Write,
} from "../../core/mod.ts";
import { Channel, disconnected } from "./channel.ts";
import { defer, ignore, quiet } from "./deferred.ts";
import {
  type AnyEvent,
  asEvent,
  bytesOf,
  flagOf,
  headersOf,
  isIterable,
  malformed,
  outOfPlace,
  statusOf,
} from "./events.ts";
import { type FileOpener, partOf, readPath } from "./files.ts";
import type { AsgiApplication, AsgiReceiveEvent, HttpScope } from "./types.ts";

/** One call of an ASGI application, as the body of a WSGI application. */
export class HttpExchange {
  readonly #environ: Environ;
  readonly #startResponse: StartResponse;
  readonly #open: FileOpener | undefined;
  readonly #answer = defer<Body>();
  #step: "start" | "body" | "trailers" | "complete" = "start";
  #hasTrailers = false;
  #write: Write | undefined;
  #channel: Channel | undefined;
  /** The gateway has closed the body: nothing more can be sent. */
  #closed = false;
  #task: Promise<void> = Promise.resolve();
  #settled = false;
  /** Bytes of the request body that were received; `undefined` when it is at its end. */
  #received: number | undefined = 0;
  #receiving: Promise<unknown> = Promise.resolve();
  readonly #over = defer<void>();

  constructor(environ: Environ, startResponse: StartResponse, open: FileOpener | undefined) {
    this.#environ = environ;
    this.#startResponse = startResponse;
    this.#open = open;
  }

  /** Calls the application. The body is there when its first part is: the whole of it at best. */
  run(asgi: AsgiApplication, scope: HttpScope): Promise<Body> {
    this.#task = this.#call(asgi, scope);
    this.#task.then(
      () => this.#ended(undefined),
      (error: unknown) => this.#ended({ error }),
    );
    return this.#answer.promise;
  }

  async #call(asgi: AsgiApplication, scope: HttpScope): Promise<void> {
    await asgi(scope, this.#receive, this.#send);
  }

  #ended(failure: { error: unknown } | undefined): void {
    this.#settled = true;
    if (this.#step === "complete") {
      return;
    }
    const signal = this.#environ["dram.signal"];
    // What it lacks is nothing that it was still to do, once it has heard http.disconnect.
    const { error } = failure ?? {
      error: isDisconnect(signal?.reason) ? signal?.reason : incomplete(this.#step),
    };
    if (this.#channel === undefined) {
      if (isDisconnect(error) && signal?.aborted) {
        // To nobody: an application that ends because its client has left does what it should.
        this.#startResponse("400 Bad Request", [], error);
        this.#answer.resolve([]);
      } else {
        this.#answer.reject(error);
      }
    } else {
      this.#channel.end({ error });
    }
  }

  readonly #receive = (): Promise<AsgiReceiveEvent> => {
    const event = this.#receiving.then(() => this.#next());
    this.#receiving = event.catch(ignore);
    return event;
  };

  async #next(): Promise<AsgiReceiveEvent> {
    if (this.#received !== undefined && !this.#isOver) {
      try {
        return await this.#readBody(this.#received);
      } catch (error) {
        // Ours to tell is an error of the application's own making, and a body that is too large.
        if (!this.#isOver && !isDisconnect(error)) {
          throw error;
        }
        this.#received = undefined;
        return { type: "http.disconnect" };
      }
    }
    await this.#disconnect();
    return { type: "http.disconnect" };
  }

  async #readBody(received: number): Promise<AsgiReceiveEvent> {
    const { CONTENT_LENGTH: length, "wsgi.input": input } = this.#environ;
    const body = received === 0 && !mayHaveInput(this.#environ) ? EMPTY : await readSome(input);
    const total = received + body.length;
    const isLast = body.length === 0 || String(total) === length;
    this.#received = isLast ? undefined : total;
    return { type: "http.request", body, more_body: !isLast };
  }

  get #isOver(): boolean {
    return this.#closed || this.#step === "complete";
  }

  /** Waits until the response is complete or the client has left. */
  async #disconnect(): Promise<void> {
    const signal = this.#environ["dram.signal"];
    if (this.#isOver || signal?.aborted) {
      return;
    }
    const over = (): void => this.#over.resolve();
    signal?.addEventListener("abort", over);
    await this.#over.promise;
    signal?.removeEventListener("abort", over);
  }

  readonly #send = async (value: unknown): Promise<void> => {
    const event = asEvent(value);
    if (this.#closed || (this.#environ["dram.signal"]?.aborted && this.#step !== "complete")) {
      throw disconnected();
    }
    switch (event.type) {
      case "http.response.start":
        return this.#start(event);
      case "http.response.body":
        return this.#body(event, bytesOf(event, "body") ?? EMPTY, flagOf(event, "more_body"));
      case "http.response.early_hint":
        return this.#earlyHint(event);
      case "http.response.trailers":
        return this.#trailers(event);
      case "http.response.zerocopysend":
        return this.#file(event, partOf(event), flagOf(event, "more_body"));
      case "http.response.pathsend":
        return this.#file(event, readPath(event, this.#open), false);
      default:
        throw outOfPlace(event, "an event of http.response");
    }
  };

  #start(event: AnyEvent): void {
    if (this.#step === "complete") {
      return;
    }
    if (this.#step !== "start") {
      throw outOfPlace(event, '"http.response.body"');
    }
    this.#hasTrailers = flagOf(event, "trailers");
    const headers = headersOf(event).filter(([name]) => {
      const lower = name.toLowerCase();
      // The framing is the server's affair, as ASGI says; and behind a Content-Length there is no
      // room for trailers.
      return !(lower === "transfer-encoding" || (lower === "content-length" && this.#hasTrailers));
    });
    this.#write = this.#startResponse(statusOf(event), headers);
    this.#step = "body";
  }

  async #body(event: AnyEvent, chunk: Uint8Array, more: boolean): Promise<void> {
    if (!this.#expectBody(event)) {
      return;
    }
    if (!more && !this.#hasTrailers && this.#channel === undefined) {
      this.#step = "complete";
      this.#answer.resolve(chunk.length === 0 ? [] : [chunk]);
      this.#complete();
      return;
    }
    const channel = this.#stream(chunk.length === 0);
    if (chunk.length > 0) {
      const taken = channel.put(chunk);
      this.#finishBody(more, channel);
      await taken;
    } else {
      this.#finishBody(more, channel);
    }
  }

  /** Whether anything of the body is still wanted. */
  #expectBody(event: AnyEvent): boolean {
    if (this.#step === "start" || this.#step === "trailers") {
      throw outOfPlace(
        event,
        this.#step === "start" ? '"http.response.start"' : '"http.response.trailers"',
      );
    }
    return this.#step === "body";
  }

  /** @param flush The headers are to leave before there is anything behind them. */
  #stream(flush: boolean): Channel {
    if (this.#channel === undefined) {
      if (flush) {
        this.#write?.(EMPTY);
      }
      this.#channel = new Channel(() => this.#close());
      this.#answer.resolve(this.#channel.body);
    }
    return this.#channel;
  }

  #finishBody(more: boolean, channel: Channel): void {
    if (more) {
      return;
    }
    if (this.#hasTrailers) {
      this.#step = "trailers";
    } else {
      this.#step = "complete";
      channel.end();
      this.#complete();
    }
  }

  async #file(event: AnyEvent, blocks: AsyncIterable<Uint8Array>, more: boolean): Promise<void> {
    if (!this.#expectBody(event)) {
      return;
    }
    for await (const block of blocks) {
      await this.#body(event, block, true);
    }
    await this.#body(event, EMPTY, more);
  }

  #earlyHint(event: AnyEvent): void {
    const links = event.links;
    if (!isIterable(links)) {
      throw malformed(event, "links", "is no list of bytes");
    }
    const headers = [...links].map((link): [string, string] => {
      if (!isBytes(link)) {
        throw malformed(event, "links", "is no list of bytes");
      }
      return ["Link", nativeFromBytes(link)];
    });
    this.#environ["wsgi.early_hints"]?.(headers);
  }

  #trailers(event: AnyEvent): void {
    if (this.#step === "complete") {
      return;
    }
    if (this.#step !== "trailers") {
      throw outOfPlace(event, "the end of the body first, after a start with trailers: true");
    }
    // Absent unless this client takes them.
    this.#environ["dram.trailers"]?.(headersOf(event));
    if (!flagOf(event, "more_trailers")) {
      this.#step = "complete";
      this.#channel?.end();
      this.#complete();
    }
  }

  /** What the application still does runs on behind the response. */
  #complete(): void {
    this.#over.resolve();
    const rest = quiet(this.#task);
    // Nobody is there to catch it where the gateway cannot wait.
    rest.catch(ignore);
    this.#environ["dram.wait_until"]?.(rest);
  }

  /** The gateway wants no more: the application hears of it, and has a while to end. */
  #close(): Promise<void> | undefined {
    if (this.#step === "complete" || this.#settled) {
      return undefined;
    }
    this.#closed = true;
    this.#over.resolve();
    return quiet(this.#task);
  }
}

function incomplete(step: "start" | "body" | "trailers"): DramError {
  return new DramError(
    "ERR_NOT_STARTED",
    `the ASGI application has ended without ${step === "start" ? "http.response.start" : `the last http.response.${step}`}`,
  );
}
