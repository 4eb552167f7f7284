import { DramError, describe } from "./errors.ts";
import { ignore } from "./thenable.ts";

/** The empty chunk. */
export const EMPTY: Uint8Array = new Uint8Array(0);

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Whether a value is a Uint8Array, of whatever realm (an `instanceof` fails across realms). */
export function isBytes(value: unknown): value is Uint8Array {
  return (
    value instanceof Uint8Array ||
    (ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === "[object Uint8Array]")
  );
}

/**
 * A chunk that an application produced, checked.
 *
 * @throws {DramError} `ERR_CHUNK_TYPE` for anything but bytes, with the way to write it instead.
 */
export function asChunk(value: unknown): Uint8Array {
  if (isBytes(value)) {
    return value;
  }
  let fix = "chunks are Uint8Array";
  if (typeof value === "string") {
    fix = "encode it, or return text(string)";
  } else if (value instanceof Promise) {
    // Refused, not awaited: its rejection must not end the process.
    value.catch(ignore);
    fix = "await it, in an async generator";
  } else if (value instanceof ArrayBuffer) {
    fix = "wrap it: new Uint8Array(buffer)";
  }
  throw new DramError(
    "ERR_CHUNK_TYPE",
    `the application produced ${describe(value)} where bytes (Uint8Array) were wanted: ${fix}`,
  );
}

/** Bytes in all chunks together. */
export function byteLength(chunks: readonly Uint8Array[]): number {
  let length = 0;
  for (const chunk of chunks) {
    length += chunk.length;
  }
  return length;
}

/** All chunks as one, copied; a single chunk is returned as it is. */
export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const [first, second] = chunks;
  if (second === undefined) {
    return first ?? EMPTY;
  }
  const joined = new Uint8Array(byteLength(chunks));
  let offset = 0;
  for (const chunk of chunks) {
    joined.set(chunk, offset);
    offset += chunk.length;
  }
  return joined;
}

/** The UTF-8 bytes of a text; a lone surrogate becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** Bytes as the code points U+0000 to U+00FF: PEP 3333's native string. */
export function nativeFromBytes(bytes: Uint8Array): string {
  let native = "";
  // In slices, because each byte becomes an argument and the stack is finite.
  for (let offset = 0; offset < bytes.length; offset += 8192) {
    native += String.fromCharCode(...bytes.subarray(offset, offset + 8192));
  }
  return native;
}

/** The bytes of a native string, one for each code point. */
export function bytesFromNative(native: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(native.length);
  for (let index = 0; index < native.length; index++) {
    bytes[index] = native.charCodeAt(index);
  }
  return bytes;
}

/**
 * The native string of a text that the platform has decoded as UTF-8 (workerd's header values,
 * every `request.url`): its UTF-8 bytes, one code point each.
 */
export function nativeFromText(text: string): string {
  return nativeFromBytes(encodeUtf8(text));
}

/**
 * The text of a native string whose bytes are UTF-8, for a platform that encodes what it sends
 * as UTF-8.
 *
 * @returns `undefined` if the bytes are not valid UTF-8.
 */
export function textFromNative(native: string): string | undefined {
  try {
    return strictDecoder.decode(bytesFromNative(native));
  } catch {
    return undefined;
  }
}
