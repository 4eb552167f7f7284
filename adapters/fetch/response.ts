import {
  type BodyStream,
  concat,
  encodeUtf8,
  type GatewayResponse,
  type HeaderList,
  hasHeader,
} from "../../core/mod.ts";
import { streamOf } from "./chunks.ts";

/** What a `Response` is made of besides its body. */
export interface ResponseParts {
  /** 200 to 599. */
  status: number;
  /** The reason; few servers send it. */
  statusText: string;
  /** Pairs where a name repeats. */
  headers: Record<string, string> | HeaderList;
}

/** Made only now, at the commit: headers leave as soon as a `Response` is returned. */
export function fromResponse(response: GatewayResponse, request: Request): Response {
  const body = completeBody(response);
  return body === undefined
    ? new Response(toReadable(streamedBody(response), request.signal), responseParts(response))
    : new Response(body, responseParts(response));
}

/** Status and headers, as every Fetch platform takes them. */
export function responseParts(response: GatewayResponse): ResponseParts {
  return {
    status: response.status,
    statusText: response.reason,
    headers: toHeaders(response.headers),
  };
}

/**
 * A complete body as one value, so that the runtime frames it with its length: text as text,
 * unless the runtime would invent a Content-Type for it.
 *
 * @returns `undefined` if the body is to be streamed: it is still being produced, or in chunks too
 *   large to be copied into one.
 */
export function completeBody(
  response: GatewayResponse,
): string | Uint8Array<ArrayBuffer> | null | undefined {
  const { body } = response;
  if (body === null) {
    return null;
  }
  if (typeof body === "string") {
    return hasHeader(response.headers, "content-type") ? body : encodeUtf8(body);
  }
  if (
    "next" in body ||
    (body.length > 1 && (response.length ?? Number.POSITIVE_INFINITY) > JOIN_LIMIT)
  ) {
    return undefined;
  }
  return body.length === 0 ? null : unshared(concat(body));
}

/**
 * A body that `completeBody` left over, as a stream; Content-Length is put among the headers if
 * the length is known.
 */
export function streamedBody(response: GatewayResponse): BodyStream {
  const { body, headers, length } = response;
  if (body === null || typeof body === "string") {
    throw new TypeError("a body without chunks is complete");
  }
  if (length !== undefined && !hasHeader(headers, "content-length")) {
    headers.push(["Content-Length", String(length)]);
  }
  return "next" in body ? body : streamOf(body);
}

/** Not every server cancels a stream whose client has left, and it may have left already. */
export function cancelOnAbort(body: BodyStream, signal: AbortSignal): void {
  onAbort(signal, () => body.cancel());
}

/** Calls back when a signal aborts; at once if it has. */
export function onAbort(signal: AbortSignal, callback: () => void): void {
  if (signal.aborted) {
    callback();
  } else {
    signal.addEventListener("abort", callback, { once: true });
  }
}

/** A body as a web stream, which breaks with the signal's reason when that aborts. */
export function toReadable(body: BodyStream, signal: AbortSignal): ReadableStream<Uint8Array> {
  cancelOnAbort(body, signal);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk = await body.next();
        if (chunk === null) {
          // Cut short by the abort: never to be taken for the whole.
          signal.throwIfAborted();
          controller.close();
        } else {
          controller.enqueue(chunk);
        }
      },
      cancel() {
        body.cancel();
      },
    },
    // Nothing is produced before it is asked for, and no chunk waits in a queue.
    { highWaterMark: 0 },
  );
}

// Up to here one copy is cheaper than a stream's promises and the chunked pieces on the wire.
const JOIN_LIMIT = 65_536;

/** A plain record where that says it all: runtimes read it faster than pairs. */
export function toHeaders(list: HeaderList): Record<string, string> | HeaderList {
  const record: Record<string, string> = {};
  for (const [name, value] of list) {
    // A repeated name, or one of Object.prototype's, which no plain record could hold.
    if (record[name] !== undefined) {
      return list;
    }
    record[name] = value;
  }
  return record;
}

/** Bytes as a `Response` and a `WebSocket` take them: over memory that is not shared with other threads. */
export function unshared(chunk: Uint8Array): Uint8Array<ArrayBuffer> {
  return isUnshared(chunk) ? chunk : new Uint8Array(chunk);
}

function isUnshared(chunk: Uint8Array): chunk is Uint8Array<ArrayBuffer> {
  return chunk.buffer instanceof ArrayBuffer;
}
