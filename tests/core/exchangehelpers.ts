import {
  type Application,
  type Body,
  type BodyStream,
  type Environ,
  type GatewayOptions,
  type GatewayResponse,
  run,
  type Write,
} from "dram";
import { environOf, gateway, Log, native, Source } from "./helpers.ts";

/** A request, and the gateway it comes to. */
export interface Incoming {
  method?: string;
  target?: string;
  headers?: Record<string, string>;
  /** The request body, in chunks of unannounced length. */
  body?: readonly string[];
  options?: Omit<GatewayOptions, "errors">;
}

/** An exchange under way. */
export interface Exchange {
  /** As `run` returned it: a promise, or not. */
  response: GatewayResponse | Promise<GatewayResponse>;
  /** What the log was given, one entry a `write`. */
  lines: string[];
  /** What the platform was asked to stay alive for. */
  waiting: Promise<unknown>[];
}

/** A finished exchange. */
export interface Answer {
  status: number;
  reason: string;
  headers: [name: string, value: string][];
  length: number | undefined;
  /** Bytes as U+0000 to U+00FF; `null` for a response without a body. */
  body: string | null;
  /** `body` as it came. */
  chunks: string[];
  /** Whether the body broke, and by what. */
  broken: boolean;
  error: unknown;
  lines: string[];
}

/** Calls the application. Nothing of the response is taken. */
export function start(application: Application, request: Incoming = {}): Exchange {
  const { method = "GET", target = "/x", headers = {}, body, options } = request;
  const log = new Log();
  const waiting: Promise<unknown>[] = [];
  const made = gateway({ ...options, errors: log });
  const environ = environOf({
    line: { method, target, waitUntil: (promise) => waiting.push(promise) },
    fields: Object.entries(headers),
    body: body === undefined ? null : new Source(...body),
    gateway: made,
  });
  return { response: run(application, environ, made), lines: log.writes, waiting };
}

/** Calls the application, takes the whole response, and waits for what comes after it. */
export async function answer(application: Application, request: Incoming = {}): Promise<Answer> {
  const { response, lines, waiting } = start(application, request);
  const { status, reason, headers, length, body } = await response;
  const chunks: string[] = [];
  let failure: { error: unknown } | undefined;
  try {
    for await (const chunk of taking(body)) {
      chunks.push(native(chunk));
    }
  } catch (error) {
    failure = { error };
  }
  await Promise.all(waiting);
  return {
    status,
    reason,
    headers,
    length,
    body: body === null ? null : chunks.join(""),
    chunks,
    broken: failure !== undefined,
    error: failure?.error,
    lines,
  };
}

/** The body of a response that is still being produced. */
export async function streamOf(
  response: GatewayResponse | Promise<GatewayResponse>,
): Promise<BodyStream> {
  const { body } = await response;
  if (body === null || typeof body === "string" || !("next" in body)) {
    throw new Error("the response is complete");
  }
  return body;
}

/** The next chunk of a stream as text, `null` at its end. */
export async function next(stream: BodyStream): Promise<string | null> {
  const chunk = await stream.next();
  return chunk === null ? null : native(chunk);
}

/** An application that the compiler would refuse. */
export function untyped(application: UntypedApplication): Application {
  return application as Application;
}

/** Something in the place of an application or a body, which the compiler would refuse. */
export function anything(value: unknown): never {
  return value as never;
}

/** What a call threw; `undefined` if it did not throw. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** A body that tells, in order, of its steps, of the end of its iteration, and of `close()`. */
export class RecordedBody {
  readonly events: string[] = [];
  readonly receivers: unknown[] = [];
  #steps: readonly (Uint8Array | (() => unknown))[];

  /** @param steps Chunks to yield, and functions to call between them; a chunk they give is yielded. */
  constructor(...steps: readonly (Uint8Array | (() => unknown))[]) {
    this.#steps = steps;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    try {
      for (const step of this.#steps) {
        const chunk = typeof step === "function" ? await step() : step;
        if (chunk instanceof Uint8Array) {
          this.events.push(`yield ${native(chunk)}`);
          yield chunk;
        }
      }
      this.events.push("end");
    } finally {
      this.events.push("finally");
    }
  }

  close(): void | Promise<void> {
    this.events.push("close");
    this.receivers.push(this);
  }
}

/** An application that answers 200, without headers, with this body. */
export function answering(body: Body | (() => Body)): Application {
  return (_environ, startResponse) => {
    startResponse("200 OK", []);
    return typeof body === "function" ? body() : body;
  };
}

type UntypedApplication = (
  environ: Environ,
  startResponse: (status: unknown, headers?: unknown, error?: unknown) => Write,
) => unknown;

async function* taking(body: GatewayResponse["body"]): AsyncGenerator<Uint8Array, void, void> {
  if (typeof body === "string") {
    yield new TextEncoder().encode(body);
  } else if (body !== null && "next" in body) {
    for (let chunk = await body.next(); chunk !== null; chunk = await body.next()) {
      yield chunk;
    }
  } else if (body !== null) {
    yield* body;
  }
}
