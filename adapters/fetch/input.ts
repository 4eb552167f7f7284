import { type ByteSource, wholeSource } from "../../core/mod.ts";
import { LARGEST_BLOCK, SMALLEST_BLOCK } from "./limits.ts";

/**
 * The body of a request, to be read when the application asks for it.
 *
 * @param whole All of it is wanted, and may be taken at once.
 * @param native See `FetchPlatform`.
 * @throws {TypeError} If the application is reading the request's own body.
 */
export function openBody(request: Request, whole: boolean, native: boolean): ByteSource | null {
  const { body } = request;
  if (body === null) {
    return null;
  }
  if (native && whole) {
    return wholeSource(async () => new Uint8Array(await request.arrayBuffer()));
  }
  const reader = native ? blockReader(body) : undefined;
  return reader === undefined ? chunksOf(body.getReader()) : blocksOf(reader);
}

/** @returns `undefined` for a body that is no stream of bytes: somebody has made it of one of theirs. */
function blockReader(body: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | undefined {
  try {
    return body.getReader({ mode: "byob" });
  } catch {
    return undefined;
  }
}

/** A block of just the size that is waited for need not be copied. */
function blocksOf(reader: ReadableStreamBYOBReader): ByteSource {
  return {
    async read(least, most) {
      const size = Math.min(Math.max(least, SMALLEST_BLOCK), most, LARGEST_BLOCK);
      // A runtime that does not know `min` comes back with less, and is asked again.
      const options = { min: Math.min(least, size) };
      const { value } = await reader.read(new Uint8Array(size), options);
      // At its end, too, a body may give the last of it.
      return value === undefined || value.length === 0 ? null : value;
    },
    cancel: () => giveUp(reader),
  };
}

function chunksOf(reader: ReadableStreamDefaultReader<Uint8Array>): ByteSource {
  return {
    async read() {
      const { done, value } = await reader.read();
      return done ? null : value;
    },
    cancel: () => giveUp(reader),
  };
}

function giveUp(reader: ReadableStreamGenericReader): void {
  // It rejects if the client has left; either way nothing more is read.
  reader.cancel().catch(() => {});
}
