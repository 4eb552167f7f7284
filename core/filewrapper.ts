import { asChunk } from "./bytes.ts";
import { DramError, describe } from "./errors.ts";
import { FILE_BLOCK_SIZE } from "./limits.ts";
import type { Body, FileLike } from "./types.ts";

/**
 * `wsgi.file_wrapper`: a body of what is left in `file`, from its current position. Nothing is
 * read before the body is iterated; `close()` closes the file.
 *
 * @param blockSize Bytes to read at a time.
 * @throws {DramError} `ERR_BODY_TYPE` for what has no `read` method.
 */
export function fileWrapper(file: FileLike, blockSize: number = FILE_BLOCK_SIZE): Body {
  if (typeof file?.read !== "function") {
    throw new DramError(
      "ERR_BODY_TYPE",
      `wsgi.file_wrapper was given ${describe(file)}; wanted an object with read(size)`,
    );
  }
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
