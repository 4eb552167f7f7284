import { concat, DramError } from "../../core/mod.ts";
import { MAX_PARAMS } from "./limits.ts";

export type Pair = readonly [name: string, value: string];

/** The PARAMS of one request, as they come in records. */
export class Params {
  #pieces: Uint8Array[] = [];
  #size = 0;

  /** There were more bytes than MAX_PARAMS; none of them is kept. */
  get isTooLarge(): boolean {
    return this.#size > MAX_PARAMS;
  }

  add(content: Uint8Array): void {
    this.#size += content.length;
    if (this.isTooLarge) {
      this.#pieces = [];
    } else {
      this.#pieces.push(content);
    }
  }

  /** @throws {DramError} `ERR_EVENT` if they are malformed. */
  pairs(): Pair[] {
    return decodePairs(concat(this.#pieces));
  }
}

/**
 * The name-value pairs of PARAMS or GET_VALUES (§3.4), bytes as U+0000 to U+00FF. A length is never
 * believed: nothing is taken or set aside for what is not there (CVE-2025-23016, CVE-2025-40907).
 *
 * @throws {DramError} `ERR_EVENT`.
 */
export function decodePairs(content: Uint8Array): Pair[] {
  // Decoded once and cut, because a call for each name and each value costs more than all else here.
  const text = Buffer.from(content.buffer, content.byteOffset, content.length).toString("latin1");
  const pairs: Pair[] = [];
  for (let at = 0; at < text.length; ) {
    const nameSize = sizeOfLength(text, at);
    const nameLength = lengthAt(text, at, nameSize);
    const valueSize = sizeOfLength(text, at + nameSize);
    const valueLength = lengthAt(text, at + nameSize, valueSize);
    const start = at + nameSize + valueSize;
    const middle = start + nameLength;
    const end = middle + valueLength;
    if (end > text.length) {
      throw new DramError(
        "ERR_EVENT",
        `a FastCGI name-value pair at byte ${at} ends at ${end}, of ${text.length} there are`,
      );
    }
    pairs.push([text.slice(start, middle), text.slice(middle, end)]);
    at = end;
  }
  return pairs;
}

/** One byte, or four where the first has its highest bit set. */
function sizeOfLength(text: string, at: number): 1 | 4 {
  return text.charCodeAt(at) >= 0x80 ? 4 : 1;
}

/** 31 bits at most, so that no sum of two of them wraps around. */
function lengthAt(text: string, at: number, size: 1 | 4): number {
  if (at + size > text.length) {
    throw new DramError("ERR_EVENT", `a FastCGI name-value pair is cut off at byte ${at}`);
  }
  const first = text.charCodeAt(at);
  if (size === 1) {
    return first;
  }
  return (
    (first - 0x80) * 0x100_0000 +
    text.charCodeAt(at + 1) * 0x1_0000 +
    text.charCodeAt(at + 2) * 0x100 +
    text.charCodeAt(at + 3)
  );
}

/** @param pairs Names and values of at most 127 bytes, all that this side ever sends. */
export function encodePairs(pairs: readonly Pair[]): Buffer {
  return Buffer.concat(
    pairs.map(([name, value]) =>
      Buffer.from(`${String.fromCharCode(name.length, value.length)}${name}${value}`, "latin1"),
    ),
  );
}
