import { DramError, type FileLike } from "../../core/mod.ts";
import { type AnyEvent, countOf, malformed, textOf } from "./events.ts";
import type { AsgiFile } from "./types.ts";

/** Opens a file of the platform for `http.response.pathsend`; it is closed when it is sent. */
export type FileOpener = (path: string) => FileLike | Promise<FileLike>;

const BLOCK_SIZE = 65_536;

/** The body of `http.response.pathsend`. */
export function readPath(event: AnyEvent, open: FileOpener | undefined): AsyncIterable<Uint8Array> {
  const path = textOf(event, "path");
  if (path === undefined) {
    throw malformed(event, "path", "is missing; wanted a string");
  }
  if (open === undefined) {
    throw new DramError(
      "ERR_ASGI_EVENT",
      '"http.response.pathsend" is no extension of this scope: fromAsgi was given no option open',
    );
  }
  return readOpened(open(path));
}

async function* readOpened(
  opening: FileLike | Promise<FileLike>,
): AsyncGenerator<Uint8Array, void, void> {
  const file = await opening;
  try {
    yield* blocksOf(file, Number.POSITIVE_INFINITY);
  } finally {
    await file.close?.();
  }
}

/** The part of the body that is `http.response.zerocopysend`. */
export function partOf(event: AnyEvent): AsyncIterable<Uint8Array> {
  const { file } = event;
  if (!isFile(file)) {
    throw malformed(event, "file", "has no read(size)");
  }
  const offset = countOf(event, "offset");
  if (offset !== undefined && typeof file.seek !== "function") {
    throw malformed(event, "offset", "is given; wanted a file with seek(position)");
  }
  return readPart(file, offset, countOf(event, "count") ?? Number.POSITIVE_INFINITY);
}

async function* readPart(
  file: AsgiFile,
  offset: number | undefined,
  count: number,
): AsyncGenerator<Uint8Array, void, void> {
  if (offset !== undefined) {
    await file.seek?.(offset);
  }
  yield* blocksOf(file, count);
}

async function* blocksOf(
  file: { read(size: number): unknown },
  count: number,
): AsyncGenerator<Uint8Array, void, void> {
  for (let left = count; left > 0; ) {
    const block = await file.read(Math.min(left, BLOCK_SIZE));
    if (!(block instanceof Uint8Array) || block.length === 0) {
      return;
    }
    left -= block.length;
    yield block;
  }
}

function isFile(value: unknown): value is AsgiFile {
  return (
    typeof value === "object" &&
    value !== null &&
    "read" in value &&
    typeof value.read === "function"
  );
}
