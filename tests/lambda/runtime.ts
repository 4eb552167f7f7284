import { Writable } from "node:stream";
import type { Application } from "dram";
import { type LambdaOptions, type LambdaStream, toLambdaStream } from "dram/lambda";
import { context, type Json } from "./helpers.ts";

/**
 * Lambda's Node runtime as far as response streaming goes: the global `awslambda`, and a stream that
 * keeps what it is given. As in AWS's own client, the head is written by the first `write` only, and
 * a rejected handler is reported in a trailer.
 */
export class RuntimeStream extends Writable implements LambdaStream {
  readonly chunks: Buffer[] = [];
  contentType = "";
  #prelude: string | undefined;
  /** Takes a chunk only when this resolves. */
  gate: Promise<void> = Promise.resolve();

  constructor() {
    super({ highWaterMark: 1024 });
    this.on("error", () => {});
  }

  setContentType(type: string): void {
    this.contentType = type;
  }

  setPrelude(prelude: Json): void {
    this.#prelude = JSON.stringify(prelude);
  }

  override write(chunk: string | Uint8Array): boolean {
    if (this.#prelude !== undefined) {
      super.write(`${this.#prelude}${"\0".repeat(8)}`);
      this.#prelude = undefined;
    }
    return super.write(chunk);
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.gate.then(() => {
      this.chunks.push(chunk);
      done();
    });
  }

  /** What has been taken so far. */
  get text(): string {
    return Buffer.concat(this.chunks).toString("latin1");
  }
}

const awslambda = {
  streamifyResponse: <Handler>(handler: Handler): Handler => handler,
  HttpResponseStream: {
    from(stream: RuntimeStream, prelude: Json): RuntimeStream {
      stream.setContentType("application/vnd.awslambda.http-integration-response");
      stream.setPrelude(prelude);
      return stream;
    },
  },
};

export interface Streamed {
  /** `undefined` if there was none. */
  readonly prelude: Json | undefined;
  /** As latin-1. */
  readonly body: string;
  readonly contentType: string;
  /** What a trailer would report. */
  readonly error: unknown;
  readonly finished: boolean;
}

/** Makes a streaming handler as it is made inside the runtime. */
export function streamHandler(
  application: Application,
  options: LambdaOptions = {},
): (event: unknown, stream: RuntimeStream, invocation?: unknown) => Promise<void> {
  Object.assign(globalThis, { awslambda });
  try {
    return toLambdaStream(application, options) as never;
  } finally {
    Reflect.deleteProperty(globalThis, "awslambda");
  }
}

/** One streamed invocation, from the event to the last byte. */
export async function stream(
  event: unknown,
  application: Application,
  options: LambdaOptions = {},
): Promise<Streamed> {
  const out = new RuntimeStream();
  let error: unknown;
  try {
    await streamHandler(application, options)(event, out, context());
  } catch (thrown) {
    error = thrown;
  }
  const { text: sent } = out;
  const cut = sent.indexOf("\0".repeat(8));
  return {
    prelude: cut === -1 ? undefined : JSON.parse(sent.slice(0, cut)),
    body: cut === -1 ? sent : sent.slice(cut + 8),
    contentType: out.contentType,
    error,
    finished: out.writableFinished,
  };
}
