import { EMPTY } from "../../core/mod.ts";
import { ONE_WRITE } from "../process/mod.ts";
import { FULL_CONTENT } from "./limits.ts";
import {
  encodeEnd,
  encodeRecord,
  HEADER_SIZE,
  paddingOf,
  putHeader,
  REQUEST_COMPLETE,
  STDERR,
  STDOUT,
} from "./records.ts";

/**
 * Part of a stream as records, in the pieces to be written: what is small is copied into one, what
 * is large goes out as it is, between headers.
 */
export function frame(type: number, id: number, content: Uint8Array): Uint8Array[] {
  if (content.length <= ONE_WRITE) {
    // An empty record would be the end of the stream.
    return content.length === 0 ? [] : [encodeRecord(type, id, content)];
  }
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < content.length; at += FULL_CONTENT) {
    const part = content.subarray(at, at + FULL_CONTENT);
    const header = Buffer.alloc(HEADER_SIZE);
    putHeader(header, 0, type, id, part.length);
    pieces.push(header, part);
    if (paddingOf(part.length) > 0) {
      pieces.push(Buffer.alloc(paddingOf(part.length)));
    }
  }
  return pieces;
}

/** What stands behind the last of a response: the ends of its streams, and of the request. */
export function ending(id: number, hasErrors: boolean, appStatus = 0): Buffer {
  return Buffer.concat([
    encodeRecord(STDOUT, id, EMPTY),
    hasErrors ? encodeRecord(STDERR, id, EMPTY) : EMPTY,
    encodeEnd(id, appStatus, REQUEST_COMPLETE),
  ]);
}

/** Bytes of an ending without errors. */
const ENDING_SIZE = 24;

/**
 * A whole response in one piece.
 *
 * @param head Bytes as U+0000 to U+00FF.
 * @param body A string is encoded as UTF-8.
 * @param length Bytes of the body.
 */
export function encodeResponse(
  id: number,
  head: string,
  body: string | readonly Uint8Array[],
  length: number,
): Buffer {
  const content = head.length + length;
  const end = HEADER_SIZE + content + paddingOf(content);
  const response = Buffer.allocUnsafe(end + ENDING_SIZE);
  putHeader(response, 0, STDOUT, id, content);
  response.write(head, HEADER_SIZE, "latin1");
  let at = HEADER_SIZE + head.length;
  if (typeof body === "string") {
    response.write(body, at, "utf8");
    at += length;
  } else {
    for (const chunk of body) {
      response.set(chunk, at);
      at += chunk.length;
    }
  }
  response.fill(0, at, end);
  putHeader(response, end, STDOUT, id, 0);
  response.set(encodeEnd(id, 0, REQUEST_COMPLETE), end + HEADER_SIZE);
  return response;
}
