import { concat, DramError } from "../../core/mod.ts";
import { MAX_PARAMS } from "./limits.ts";
import { byte } from "./records.ts";

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
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.length);
  const pairs: Pair[] = [];
  for (let at = 0; at < bytes.length; ) {
    const nameSize = sizeOfLength(bytes, at);
    const nameLength = lengthAt(bytes, at, nameSize);
    const valueSize = sizeOfLength(bytes, at + nameSize);
    const valueLength = lengthAt(bytes, at + nameSize, valueSize);
    const start = at + nameSize + valueSize;
    const middle = start + nameLength;
    const end = middle + valueLength;
    if (end > bytes.length) {
      throw new DramError(
        "ERR_EVENT",
        `a FastCGI name-value pair at byte ${at} ends at ${end}, of ${bytes.length} there are`,
      );
    }
    pairs.push([bytes.toString("latin1", start, middle), bytes.toString("latin1", middle, end)]);
    at = end;
  }
  return pairs;
}

/** One byte, or four where the first has its highest bit set. */
function sizeOfLength(bytes: Uint8Array, at: number): 1 | 4 {
  return byte(bytes, at) < 0x80 ? 1 : 4;
}

/** 31 bits at most, so that no sum of two of them wraps around. */
function lengthAt(bytes: Buffer, at: number, size: 1 | 4): number {
  if (at + size > bytes.length) {
    throw new DramError("ERR_EVENT", `a FastCGI name-value pair is cut off at byte ${at}`);
  }
  return size === 1 ? byte(bytes, at) : bytes.readUInt32BE(at) - 0x8000_0000;
}

/** @param pairs Names and values of at most 127 bytes, all that this side ever sends. */
export function encodePairs(pairs: readonly Pair[]): Buffer {
  return Buffer.concat(
    pairs.map(([name, value]) =>
      Buffer.from(`${String.fromCharCode(name.length, value.length)}${name}${value}`, "latin1"),
    ),
  );
}
