import { asChunk, byteLength } from "./bytes.ts";

/**
 * Checks every chunk, without copying any.
 *
 * @throws {DramError} `ERR_CHUNK_TYPE`.
 */
export function checkChunks(chunks: readonly unknown[]): asserts chunks is readonly Uint8Array[] {
  for (const chunk of chunks) {
    asChunk(chunk);
  }
}

/** The length of a body that is an array of chunks; unknown if it is empty, as for a HEAD request. */
export function knownLength(chunks: unknown): number | undefined {
  if (!Array.isArray(chunks) || chunks.length === 0) {
    return undefined;
  }
  try {
    checkChunks(chunks);
    return byteLength(chunks);
  } catch {
    return undefined;
  }
}

/** The first `length` bytes of all chunks. */
export function cut(chunks: readonly Uint8Array[], length: number): Uint8Array[] {
  const kept: Uint8Array[] = [];
  let room = length;
  for (const chunk of chunks) {
    kept.push(chunk.subarray(0, room));
    room -= Math.min(room, chunk.length);
  }
  return kept;
}
