import { concat, DramError } from "../../core/mod.ts";
import { MAX_CONTENT } from "./limits.ts";

// FastCGI 1.0 §8.
export const BEGIN_REQUEST = 1;
export const ABORT_REQUEST = 2;
const END_REQUEST = 3;
export const PARAMS = 4;
export const STDIN = 5;
export const STDOUT = 6;
export const STDERR = 7;
export const DATA = 8;
export const GET_VALUES = 9;
export const GET_VALUES_RESULT = 10;
export const UNKNOWN_TYPE = 11;

/** How a request has ended, in END_REQUEST. */
export const REQUEST_COMPLETE = 0;
export const CANT_MPX_CONN = 1;
export const UNKNOWN_ROLE = 3;

export const HEADER_SIZE = 8;
const VERSION = 1;

/** One record of the web server's. */
export interface FastcgiRecord {
  readonly type: number;
  /** 0 for management records. */
  readonly id: number;
  /** Not copied: part of the bytes that came. */
  readonly content: Uint8Array;
}

/**
 * Cuts bytes, in whatever pieces they come, into records. Holds no more than one record, and none of
 * STDIN: what has come of it is given as a record of its own, so that no body is copied here.
 */
export class RecordReader {
  #held: Uint8Array[] = [];
  #size = 0;
  /** Bytes that are enough to go on with. */
  #wanted = HEADER_SIZE;
  /** The request of the STDIN that is under way, and the bytes of its record that are to come. */
  #id = 0;
  #content = 0;
  #padding = 0;

  /** A record has begun and is not complete. */
  get isInside(): boolean {
    return this.#size + this.#content + this.#padding > 0;
  }

  /**
   * @returns The records that these bytes complete.
   * @throws {DramError} `ERR_EVENT` for another version of the protocol. The reader is then of no use.
   */
  push(bytes: Uint8Array): FastcgiRecord[] {
    this.#held.push(bytes);
    this.#size += bytes.length;
    if (this.#content + this.#padding === 0 && this.#size < this.#wanted) {
      return [];
    }
    const data = concat(this.#held);
    const records: FastcgiRecord[] = [];
    let at = this.#goOn(data, 0, records);
    for (;;) {
      this.#wanted = sizeAt(data, at);
      if (data.length - at >= this.#wanted) {
        records.push(recordAt(data, at));
        at += this.#wanted;
      } else if (this.#begin(data, at)) {
        at = this.#goOn(data, at + HEADER_SIZE, records);
      } else {
        break;
      }
    }
    this.#size = data.length - at;
    this.#held = this.#size === 0 ? [] : [data.subarray(at)];
    return records;
  }

  /** Whether part of a record of STDIN is there. */
  #begin(data: Uint8Array, at: number): boolean {
    // An empty one is the end of the body.
    if (data.length - at < HEADER_SIZE || data[at + 1] !== STDIN || word(data, at + 4) === 0) {
      return false;
    }
    this.#id = word(data, at + 2);
    this.#content = word(data, at + 4);
    this.#padding = byte(data, at + 6);
    return true;
  }

  /** Takes what has come of the record of STDIN that is under way, if any. */
  #goOn(data: Uint8Array, at: number, records: FastcgiRecord[]): number {
    const content = data.subarray(at, at + this.#content);
    if (content.length > 0) {
      records.push({ type: STDIN, id: this.#id, content });
      this.#content -= content.length;
    }
    const end = at + content.length;
    const padding = Math.min(this.#padding, data.length - end);
    this.#padding -= padding;
    return end + padding;
  }
}

/** Bytes of the record at `at`, padding included; those of a header, if that is not complete. */
function sizeAt(data: Uint8Array, at: number): number {
  if (data.length - at < HEADER_SIZE) {
    return HEADER_SIZE;
  }
  if (data[at] !== VERSION) {
    throw new DramError(
      "ERR_EVENT",
      `the version of a FastCGI record is ${data[at]}; wanted ${VERSION}`,
    );
  }
  return HEADER_SIZE + word(data, at + 4) + byte(data, at + 6);
}

function recordAt(data: Uint8Array, at: number): FastcgiRecord {
  const start = at + HEADER_SIZE;
  return {
    type: byte(data, at + 1),
    id: word(data, at + 2),
    content: data.subarray(start, start + word(data, at + 4)),
  };
}

/** The byte at `at`; beyond the end, 0. */
export function byte(data: Uint8Array, at: number): number {
  return data[at] ?? 0;
}

/** Two bytes, the higher first. */
export function word(data: Uint8Array, at: number): number {
  return byte(data, at) * 256 + byte(data, at + 1);
}

/** Zero bytes that make a record's size a multiple of eight, as §3.3 recommends. */
export function paddingOf(length: number): number {
  return -length & 7;
}

/** Writes a record's header. */
export function putHeader(
  target: Uint8Array,
  at: number,
  type: number,
  id: number,
  length: number,
): void {
  target[at] = VERSION;
  target[at + 1] = type;
  target[at + 2] = id >> 8;
  target[at + 3] = id;
  target[at + 4] = length >> 8;
  target[at + 5] = length;
  target[at + 6] = paddingOf(length);
  target[at + 7] = 0;
}

/** One record, its content copied. */
export function encodeRecord(type: number, id: number, content: Uint8Array): Buffer {
  if (content.length > MAX_CONTENT) {
    throw new RangeError(`the content of a record has ${content.length} bytes`);
  }
  const record = Buffer.alloc(HEADER_SIZE + content.length + paddingOf(content.length));
  putHeader(record, 0, type, id, content.length);
  record.set(content, HEADER_SIZE);
  return record;
}

/** @param appStatus As the exit code of a CGI program. */
export function encodeEnd(id: number, appStatus: number, protocolStatus: number): Buffer {
  const content = Buffer.alloc(8);
  content.writeUInt32BE(appStatus);
  content[4] = protocolStatus;
  return encodeRecord(END_REQUEST, id, content);
}
