import {
  type Body,
  type BodyStream,
  type GatewayResponse,
  type HeaderList,
  hasHeader,
  nativeBody,
  type SaidResponse,
  textFromNative,
} from "../../core/mod.ts";
import { cancelOnAbort, completeBody, streamedBody, toHeaders } from "../fetch/mod.ts";
import type { WorkerNative } from "./environ.ts";

// Of workerd alone. Said here, for compilers that have no types of Cloudflare's.
declare class IdentityTransformStream extends TransformStream<Uint8Array, Uint8Array> {
  constructor();
}

declare class FixedLengthStream extends IdentityTransformStream {
  constructor(length: number);
}

interface WorkerResponseInit extends ResponseInit {
  encodeBody?: "automatic" | "manual";
}

/**
 * A `Response` whose streamed body is pumped under `ctx.waitUntil` through one of workerd's own
 * streams. With a plain `ReadableStream` nothing at all would run when the client leaves, and a
 * body that breaks would end as if it were whole; a FixedLengthStream makes the break visible.
 */
export function fromResponse(
  response: GatewayResponse,
  request: Request,
  { ctx }: WorkerNative,
): Response {
  const complete = completeBody(response);
  if (complete !== undefined) {
    return new Response(complete, workerParts(response));
  }
  const body = streamedBody(response);
  const { readable, writable } =
    response.length === undefined
      ? new IdentityTransformStream()
      : new FixedLengthStream(response.length);
  cancelOnAbort(body, request.signal);
  ctx.waitUntil(pump(body, writable, request.signal));
  return new Response(readable, workerParts(response));
}

/**
 * A body for a `Response` that is to be sent as it is: workerd reads a stream of its own without any
 * JavaScript, and knows its length. One made in JavaScript it would not cancel when the client leaves.
 */
export function nativeResponse(response: object, said: SaidResponse): Body | undefined {
  return response instanceof Response && isOwnStream(response.body)
    ? nativeBody(response, said)
    : undefined;
}

/** Told by what only a stream of bytes has: a stream of chunks has no reader that fills a buffer. */
function isOwnStream(stream: ReadableStream<Uint8Array> | null): boolean {
  try {
    stream?.getReader({ mode: "byob" }).releaseLock();
    return true;
  } catch {
    return false;
  }
}

async function pump(
  body: BodyStream,
  writable: WritableStream<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const writer = writable.getWriter();
  try {
    for (let chunk = await body.next(); chunk !== null; chunk = await body.next()) {
      // Settles when the client's side has taken the chunk; rejects when the client has left.
      await writer.write(chunk);
    }
    signal.throwIfAborted();
    await writer.close();
  } catch (error) {
    body.cancel();
    await writer.abort(error).catch(() => {});
  }
}

/** Status and headers of a body that is encoded as they say. */
function workerParts(response: GatewayResponse): WorkerResponseInit {
  const parts = textParts(response);
  // workerd would compress a body that is announced as compressed; the application's is already.
  return hasHeader(response.headers, "content-encoding")
    ? { ...parts, encodeBody: "manual" }
    : parts;
}

/**
 * Status and headers for workerd, which sends header strings as UTF-8. A `Response` of its own that
 * says it is compressed is compressed when it is sent.
 */
export function textParts({ status, reason, headers }: GatewayResponse): ResponseInit {
  return { status, statusText: asText(reason), headers: toHeaders(headers.map(toText)) };
}

/** A header with its value `asText`. */
export function toText([name, value]: HeaderList[number]): HeaderList[number] {
  return [name, asText(value)];
}

/**
 * The same bytes as workerd must be given them: as the text that they are in UTF-8. A value that is
 * no UTF-8 cannot be sent byte for byte, so its characters are sent instead.
 */
function asText(value: string): string {
  return /[^\0-\x7f]/.test(value) ? (textFromNative(value) ?? value) : value;
}
