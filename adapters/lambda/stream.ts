import type { BodyStream, GatewayResponse } from "../../core/mod.ts";
import { DramError, isStream } from "../../core/mod.ts";
import type { JsonObject } from "./event.ts";
import { answered, checkHeaders, type Exchange, failed, settle, tooLarge } from "./exchange.ts";
import type { LambdaContext } from "./invocation.ts";
import { STREAMED } from "./limits.ts";

/** The part of Lambda's response stream that the gateway uses. */
export interface LambdaStream {
  /** Tells Lambda that the response has a head of its own. */
  setContentType(type: string): void;
  /** Takes a chunk; false if the next one should wait for "drain". */
  write(chunk: string | Uint8Array): boolean;
  /** Ends the response, and calls back when all of it has been taken. */
  end(done: () => void): unknown;
  /** Tells of back-pressure, and of a client that has left. */
  on(event: "drain" | "close" | "error", listener: (error?: unknown) => void): unknown;
}

/** What Lambda's Node runtime puts into the global scope for response streaming. */
export interface StreamingRuntime {
  streamifyResponse(
    handler: (event: unknown, stream: LambdaStream, context: LambdaContext) => Promise<void>,
  ): (event: unknown, stream: LambdaStream, context: LambdaContext) => Promise<void>;
  readonly HttpResponseStream: {
    /** Has the head written before the first chunk; never by `end()` alone. */
    from(stream: LambdaStream, prelude: JsonObject): LambdaStream;
  };
}

declare const awslambda: StreamingRuntime | { readonly streamifyResponse?: undefined } | undefined;

/** The runtime's own way to stream; `undefined` where there is none, as in a local emulator. */
export function streamingRuntime(): StreamingRuntime | undefined {
  // Elsewhere @aws/lambda-invoke-store, which Powertools brings, makes an empty one.
  return typeof awslambda === "undefined" || awslambda.streamifyResponse === undefined
    ? undefined
    : awslambda;
}

/** A whole result through a response stream, for a source that takes no other. */
export async function sendValue(value: unknown, stream: LambdaStream): Promise<void> {
  stream.setContentType("application/json");
  const link = new Link(stream);
  await link.write(JSON.stringify(value) ?? "null");
  await link.end();
}

/**
 * Sends the response of an exchange as it is produced.
 *
 * @throws What broke the body, or the stream, for the runtime to report: the client must not take
 *   what it has for the whole.
 */
export async function sendStream(
  exchange: Exchange,
  stream: LambdaStream,
  runtime: StreamingRuntime,
): Promise<void> {
  const { invocation, source } = exchange;
  invocation.arm();
  try {
    const response = withinLimits(exchange, await answered(exchange));
    const prelude = source.toPrelude?.(response) ?? {};
    const link = new Link(runtime.HttpResponseStream.from(stream, prelude));
    // Not `race` with each chunk: that leaves a reaction to every one of them behind.
    invocation.signal.addEventListener("abort", () => link.lose(invocation.ended));
    await sendBody(exchange, response.body, link);
    await link.end();
  } catch (error) {
    if (invocation.ended !== undefined && error === invocation.ended) {
      failed(exchange, error);
    }
    throw error;
  } finally {
    await settle(exchange);
    invocation.close();
  }
}

function withinLimits(exchange: Exchange, response: GatewayResponse): GatewayResponse {
  try {
    checkHeaders(exchange.source, response.headers);
    return response;
  } catch (error) {
    if (isStream(response.body)) {
      response.body.cancel();
    }
    return failed(exchange, error);
  }
}

async function sendBody(
  exchange: Exchange,
  body: GatewayResponse["body"],
  link: Link,
): Promise<void> {
  if (isStream(body)) {
    await pump(exchange, body, link);
    return;
  }
  const chunks = typeof body === "string" ? [body] : (body ?? []);
  // Without a chunk there would be no head.
  for (const chunk of chunks.length === 0 ? [""] : chunks) {
    await link.write(chunk);
  }
}

async function pump(exchange: Exchange, body: BodyStream, link: Link): Promise<void> {
  link.onLost = () => body.cancel();
  let size = 0;
  try {
    const first = body.next();
    link.sendCommitted(first);
    for (let chunk = await first; chunk !== null; chunk = await body.next()) {
      size += chunk.length;
      if (size > STREAMED.bytes) {
        const error = tooLarge(STREAMED);
        failed(exchange, error);
        throw error;
      }
      await link.write(chunk);
    }
  } finally {
    // Nothing, if it is at its end.
    body.cancel();
  }
}

/** A response stream with back-pressure, and with an end that is known: sent, or lost. */
class Link {
  #stream: LambdaStream;
  #taken: (() => void) | undefined;
  #lost: DramError | undefined;
  #isFinished = false;
  /** Called when the stream is lost. */
  onLost: (() => void) | undefined;

  constructor(stream: LambdaStream) {
    this.#stream = stream;
    stream.on("drain", () => this.#taken?.());
    stream.on("error", (cause) => this.lose(disconnected(cause)));
    stream.on("close", () => this.lose(disconnected(undefined)));
  }

  #check(): void {
    if (this.#lost !== undefined) {
      throw this.#lost;
    }
  }

  /**
   * Resolves when the next chunk is wanted.
   *
   * @throws {DramError} What the stream was lost by: `ERR_CLIENT_DISCONNECTED` if it has broken.
   */
  async write(chunk: string | Uint8Array): Promise<void> {
    this.#check();
    if (!this.#stream.write(chunk)) {
      await new Promise<void>((resolve) => {
        this.#taken = resolve;
      });
      this.#check();
    }
  }

  /**
   * The head leaves with the first chunk, which is there as a rule. It must not wait for one that is
   * not, if an empty `write()` of the application has committed it.
   */
  sendCommitted(first: Promise<unknown>): void {
    const send = setImmediate(() => {
      if (this.#lost === undefined) {
        this.#stream.write("");
      }
    });
    const settle = (): void => clearImmediate(send);
    first.then(settle, settle);
  }

  /** Resolves when everything has been sent. Throws as `write` does. */
  async end(): Promise<void> {
    this.#check();
    await new Promise<void>((resolve) => {
      this.#taken = resolve;
      this.#stream.end(() => {
        this.#isFinished = true;
        resolve();
      });
    });
    this.#check();
  }

  /** Gives the stream up, unless everything has been sent: who waits for it need not any longer. */
  lose(error: DramError | undefined): void {
    if (this.#isFinished) {
      return;
    }
    this.#lost ??= error;
    this.onLost?.();
    this.#taken?.();
  }
}

function disconnected(cause: unknown): DramError {
  return new DramError(
    "ERR_CLIENT_DISCONNECTED",
    "the response stream was closed before the response was sent",
    { cause },
  );
}
