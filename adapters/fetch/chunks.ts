import type { BodyStream } from "../../core/mod.ts";

/** A complete body as a stream of its chunks, which are not copied. */
export function streamOf(chunks: readonly Uint8Array[]): BodyStream {
  let index = 0;
  return {
    async next() {
      return chunks[index++] ?? null;
    },
    cancel() {
      index = chunks.length;
    },
  };
}
