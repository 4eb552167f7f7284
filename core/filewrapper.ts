import { asChunk } from "./bytes.ts";
import { FILE_BLOCK_SIZE } from "./limits.ts";
import type { Body, FileLike } from "./types.ts";

/**
 * `wsgi.file_wrapper`: a body of what is left in `file`, from its current position. Nothing is
 * read before the body is iterated; `close()` closes the file.
 *
 * @param blockSize Bytes to read at a time.
 */
export function fileWrapper(file: FileLike, blockSize: number = FILE_BLOCK_SIZE): Body {
  return {
    async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
      for (;;) {
        const block = await file.read(blockSize);
        if (block === null || block === undefined || asChunk(block).length === 0) {
          return;
        }
        yield block;
      }
    },
    close: () => file.close?.(),
  };
}
