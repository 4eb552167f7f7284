import {
  type ByteSource,
  concat,
  DramError,
  encodeUtf8,
  type GatewayResponse,
  type HeaderList,
  wholeSource,
} from "../../core/mod.ts";
import { malformed } from "./event.ts";
import type { EventPaths, LambdaRequest } from "./request.ts";

/** The body of an event, of known length. */
export interface EventBody {
  /** Bytes. */
  readonly length: number;
  open(): ByteSource | null;
}

/** A body as results have it. */
export interface EncodedBody {
  readonly text: string;
  readonly isBase64: boolean;
}

/**
 * The body of an event. Text is encoded when it is read; base64 is decoded at once, for only that
 * tells whether it is base64 at all, and an expression to test it with takes eight times as long.
 *
 * @throws {DramError} `ERR_EVENT` for what is neither text nor absent; `ERR_FRAMING` for bad base64.
 */
export function readBody(request: LambdaRequest, paths: EventPaths): EventBody {
  const { body, isBase64Encoded } = request;
  if (
    typeof isBase64Encoded !== "boolean" &&
    isBase64Encoded !== undefined &&
    isBase64Encoded !== null
  ) {
    throw malformed(paths.isBase64Encoded, isBase64Encoded, "true or false");
  }
  if (body === undefined || body === null || body === "") {
    return NO_BODY;
  }
  if (typeof body !== "string") {
    throw malformed(paths.body, body, "a string");
  }
  if (isBase64Encoded === true) {
    const bytes = decodeBase64(body, paths.body);
    return { length: bytes.length, open: () => wholeSource(() => bytes) };
  }
  return { length: Buffer.byteLength(body), open: () => wholeSource(() => encodeUtf8(body)) };
}

/**
 * A whole body as a result has it: text, unless it is bytes that text cannot hold. Decided by the
 * bytes, because no list of types is ever whole, and by what says that the bytes are no text.
 */
export function encodeBody(headers: HeaderList, body: GatewayResponse["body"]): EncodedBody {
  if (body === null) {
    return EMPTY;
  }
  const mustBeBytes = declaresBytes(headers);
  if (typeof body === "string") {
    return mustBeBytes ? asBase64(Buffer.from(body)) : { text: body, isBase64: false };
  }
  if ("next" in body) {
    throw new TypeError("a body that is still being produced is not whole");
  }
  const bytes = concat(body);
  if (bytes.length === 0) {
    return EMPTY;
  }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return mustBeBytes || !isUtf8(buffer)
    ? asBase64(buffer)
    : { text: buffer.toString("utf8"), isBase64: false };
}

// Not by an import, which has every export of the module made: 0.6 ms of a cold start.
const { isUtf8 } = process.getBuiltinModule("node:buffer");

const NO_BODY: EventBody = { length: 0, open: () => null };
const EMPTY: EncodedBody = { text: "", isBase64: false };

function asBase64(buffer: Buffer): EncodedBody {
  return { text: buffer.toString("base64"), isBase64: true };
}

function declaresBytes(headers: HeaderList): boolean {
  for (const [name, value] of headers) {
    // Told by its length first, which nearly every name is not.
    if (name.length === 16 && name.toLowerCase() === "content-encoding") {
      if (value !== "" && value.toLowerCase() !== "identity") {
        return true;
      }
    } else if (name.length === 12 && name.toLowerCase() === "content-type") {
      if (!value.endsWith("charset=utf-8") && hasOtherCharset(value)) {
        return true;
      }
    }
  }
  return false;
}

function hasOtherCharset(type: string): boolean {
  const [, charset] = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(type) ?? [];
  return charset !== undefined && !/^utf-?8$/i.test(charset);
}

/**
 * Strict (RFC 4648 §4): Node's decoder takes two more alphabets, and leaves out what it does not know.
 *
 * @throws {DramError} `ERR_FRAMING`.
 */
export function decodeBase64(text: string, path: string): Uint8Array {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const length = (text.length / 4) * 3 - padding;
  const buffer =
    text.length % 4 === 0 && !text.includes("-") && !text.includes("_")
      ? // Not of Node's pool: its memory is shared with other requests.
        Buffer.allocUnsafeSlow(length)
      : undefined;
  if (buffer === undefined || buffer.write(text, "base64") !== length) {
    throw new DramError("ERR_FRAMING", `${path} of the event is not base64, which it is marked as`);
  }
  return buffer;
}
