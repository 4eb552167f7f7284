import {
  type ByteSource,
  createEnviron,
  createGateway,
  type Environ,
  type ErrorStream,
  type Gateway,
  type GatewayOptions,
  type Platform,
  RequestFields,
  type RequestLine,
} from "dram";
import { expect } from "vitest";

export const PLATFORM: Platform = {
  name: "test",
  capabilities: Object.freeze({
    streaming: true,
    reason: true,
    disconnect: true,
    trailers: false,
    earlyHints: false,
    latin1Headers: true,
    rawTarget: true,
  }),
  multithread: true,
  multiprocess: false,
  runOnce: false,
  headerDecoding: "latin1",
  targetDecoding: "latin1",
  maxBodySize: Number.POSITIVE_INFINITY,
};

/** A gateway of a platform that hands over every byte; its log is silent unless one is given. */
export function gateway(options: GatewayOptions = {}, platform: Partial<Platform> = {}): Gateway {
  return createGateway({ errors: new Log(), ...options }, { ...PLATFORM, ...platform });
}

export function requestLine(changes: Partial<RequestLine> = {}): RequestLine {
  return {
    method: "GET",
    target: "/",
    scheme: "http",
    protocol: "HTTP/1.1",
    serverName: "server.example",
    serverPort: "8080",
    waitUntil: undefined,
    ...changes,
  };
}

interface RequestParts {
  line?: Partial<RequestLine>;
  fields?: readonly (readonly [name: string, value: string])[];
  body?: ByteSource | null;
  gateway?: Gateway;
}

/** An environ as an adapter makes it. */
export function environOf(request: RequestParts = {}): Environ {
  const { fields = [], body = null, gateway: made = gateway() } = request;
  const environ = createEnviron(made, requestLine(request.line));
  const adding = new RequestFields(environ, made);
  for (const [name, value] of fields) {
    adding.add(name, value);
  }
  adding.finish(() => body);
  return environ;
}

/** A log that keeps what it is given, one item a `write`. */
export class Log implements ErrorStream {
  readonly writes: string[] = [];

  write(text: string): void {
    this.writes.push(text);
  }

  writelines(texts: Iterable<string>): void {
    this.writes.push(...texts);
  }

  flush(): void {}
}

/** A request body of these chunks, which counts how often it is asked. */
export class Source implements ByteSource {
  #chunks: Uint8Array[];
  reads = 0;
  cancelled = false;

  constructor(...chunks: (string | Uint8Array)[]) {
    this.#chunks = chunks.map((chunk) => (typeof chunk === "string" ? latin1(chunk) : chunk));
  }

  async read(): Promise<Uint8Array | null> {
    this.reads++;
    return this.#chunks.shift() ?? null;
  }

  cancel(): void {
    this.cancelled = true;
  }
}

/** The bytes of a native string. */
export function latin1(native: string): Uint8Array {
  return new Uint8Array(Buffer.from(native, "latin1"));
}

/** Bytes as a native string: shorter to write and to read than arrays of numbers. */
export function native(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

/** What a body yields, in order, as native strings. */
export async function chunksOf(
  body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<string[]> {
  const chunks: string[] = [];
  for await (const chunk of body) {
    chunks.push(native(chunk));
  }
  return chunks;
}

/** For `toThrow` and `rejects.toThrow`: an error with this code. */
export function coded(code: string): Error {
  return expect.objectContaining({ name: "DramError", code });
}

/** Milliseconds that something takes. */
export function duration(action: () => unknown): number {
  const start = performance.now();
  action();
  return performance.now() - start;
}

/** Resolves after everything that is ready has run. */
export function idle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The unhandled rejections that something leaves behind. */
export async function unhandledRejectionsOf(action: () => unknown): Promise<unknown[]> {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on("unhandledRejection", note);
  action();
  await idle();
  await idle();
  process.off("unhandledRejection", note);
  return unhandled;
}
