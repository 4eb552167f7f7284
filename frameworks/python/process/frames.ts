import { concat, DramError } from "../../../core/mod.ts";
import { MAX_FRAME } from "./limits.ts";

// A frame: type (1 byte), request (4), length (4), content. All numbers in network order.

const HEADER_SIZE = 9;

/** What a frame is. The names say who sends it: to the worker, or from it. */
export const FRAME = {
  /** A request with all of its body: a parcel of environ and body. Answered by `head`, `ended` or `error`. */
  request: "Q",
  /** A request whose body is to be asked for: a parcel of environ and nothing. */
  requestStream: "S",
  /** Answers `read`: bytes, none at the end of the body. */
  data: "D",
  /** Answers `read` and `write`: it could not be done. A text. */
  lost: "F",
  /** Answers `write`. */
  taken: "A",
  /** Answers `read` under ASGI: a parcel of [event, key] and the bytes that belong at the key. */
  event: "V",
  /** Answers `read` under ASGI: there will be none. A text. */
  noEvent: "G",
  /** Asks for the next chunk. Answered by `chunk`, `ended` or `error`. */
  next: "N",
  /** The response is not wanted any more. Answered by `ended`. */
  leave: "C",

  /** The application is loaded. */
  ready: "O",
  /** It cannot be. JSON: [type, message, traceback]. */
  unable: "U",
  /** A parcel of [status, headers, whether this is all] and the first chunk. */
  head: "H",
  /** A chunk. */
  chunk: "B",
  /** The body is at its end and closed. */
  ended: "Z",
  /** The application has raised, and is closed. JSON: [type, message, traceback]; nothing for `lost`. */
  error: "X",
  /** Asks for so many bytes of the body, at most (4 bytes). */
  read: "R",
  /** What the application gives to write(): a parcel of [status, headers] or null, and the chunk. */
  write: "W",
  /** A text for wsgi.errors. Asks for nothing; with request 0 it is the worker's own. */
  log: "E",
} as const;

/** One frame that has come. */
export interface Frame {
  /** Of FRAME, if the peer keeps to it. */
  readonly type: string;
  /** 0 for what belongs to none. */
  readonly id: number;
  /** Not copied: part of the bytes that came. */
  readonly content: Uint8Array;
}

/** Cuts bytes, in whatever pieces they come, into frames. Holds no more than one frame. */
export class FrameReader {
  #held: Uint8Array[] = [];
  #size = 0;
  /** Bytes that are enough to go on with. */
  #wanted = HEADER_SIZE;

  /**
   * @returns The frames that these bytes complete.
   * @throws {DramError} `ERR_WORKER` for a length above MAX_FRAME. The reader is then of no use.
   */
  push(bytes: Uint8Array): Frame[] {
    this.#held.push(bytes);
    this.#size += bytes.length;
    if (this.#size < this.#wanted) {
      return [];
    }
    const data = concat(this.#held);
    const frames: Frame[] = [];
    let at = 0;
    for (;;) {
      this.#wanted = sizeAt(data, at);
      if (data.length - at < this.#wanted) {
        break;
      }
      frames.push(frameAt(data, at, this.#wanted));
      at += this.#wanted;
    }
    this.#size = data.length - at;
    this.#held = this.#size === 0 ? [] : [data.subarray(at)];
    return frames;
  }
}

/** Bytes of the frame at `at`; those of a header, if that is not complete. */
function sizeAt(data: Uint8Array, at: number): number {
  if (data.length - at < HEADER_SIZE) {
    return HEADER_SIZE;
  }
  const length = numberAt(data, at + 5);
  if (length > MAX_FRAME) {
    throw new DramError(
      "ERR_WORKER",
      `a frame of the worker has ${length} bytes; wanted ${MAX_FRAME} at most`,
    );
  }
  return HEADER_SIZE + length;
}

function frameAt(data: Uint8Array, at: number, size: number): Frame {
  return {
    type: String.fromCharCode(data[at] ?? 0),
    id: numberAt(data, at + 1),
    content: data.subarray(at + HEADER_SIZE, at + size),
  };
}

/**
 * A frame in one piece.
 *
 * @param content Parts that stand one behind the other.
 * @throws {DramError} `ERR_WORKER` if they are more than MAX_FRAME bytes.
 */
export function encodeFrame(type: string, id: number, ...content: Uint8Array[]): Buffer {
  const length = content.reduce((total, part) => total + part.length, 0);
  if (length > MAX_FRAME) {
    throw new DramError(
      "ERR_WORKER",
      `a frame to the worker has ${length} bytes; wanted ${MAX_FRAME} at most`,
    );
  }
  const frame = Buffer.allocUnsafe(HEADER_SIZE + length);
  frame[0] = type.charCodeAt(0);
  frame.writeUInt32BE(id, 1);
  frame.writeUInt32BE(length, 5);
  let at = HEADER_SIZE;
  for (const part of content) {
    frame.set(part, at);
    at += part.length;
  }
  return frame;
}

/** A parcel: the length of a text (4 bytes), the text in UTF-8, and bytes to the end. */
export function pack(text: string, bytes: Uint8Array): Uint8Array[] {
  const encoded = Buffer.from(text);
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32BE(encoded.length);
  return [length, encoded, bytes];
}

/**
 * The JSON value and the bytes of a parcel.
 *
 * @throws {DramError} `ERR_WORKER` if it is none.
 */
export function unpack(content: Uint8Array): readonly [value: unknown, bytes: Uint8Array] {
  const end = content.length < 4 ? Number.POSITIVE_INFINITY : 4 + numberAt(content, 0);
  if (end > content.length) {
    throw new DramError("ERR_WORKER", `a parcel of ${content.length} bytes is cut off`);
  }
  return [parse(content.subarray(4, end)), content.subarray(end)];
}

/** @throws {DramError} `ERR_WORKER` for what is no JSON. */
export function parse(content: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(content));
  } catch (cause) {
    throw new DramError("ERR_WORKER", "the worker has sent what is no JSON", { cause });
  }
}

/** A text, or what can be read of it. */
export function textOf(content: Uint8Array): string {
  return Buffer.from(content.buffer, content.byteOffset, content.length).toString();
}

/** The number (32 bits) at `at`, which is there. */
export function numberAt(content: Uint8Array, at: number): number {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.length);
  return bytes.readUInt32BE(at);
}
