// What a client of a soak writes and reads.

import {
  ABORT,
  begin,
  firstRecord,
  PARAMS,
  pairs,
  record,
  request,
  STDIN,
  STDOUT,
  stream,
  variablesOf,
} from "../../tests/targets/fastcgi-client.ts";
import { isComplete } from "../../tests/targets/workerd.ts";

/** A way to send requests on a connection that is kept, one after the other. */
export interface Protocol {
  get(path: string, id?: string): Buffer;
  /** Whether what has come is a whole response. */
  isWhole(received: Buffer): boolean;
  /** Whether the response ends here, if its length was not announced. */
  isEnd(tail: Buffer): boolean;
  /** Head and body of a whole response, as latin-1. */
  read(received: Buffer): string;
  /** The head of a request with so many bytes of body. */
  post(path: string, size: number): Buffer;
  /** A piece of its body, and what stands behind the last one. */
  piece(bytes: Buffer): Buffer;
  readonly end: Buffer;
  /** Ends the request that is under way, but not the connection. */
  readonly abort?: Buffer;
}

export const http: Protocol = {
  get: (path, id = "") =>
    Buffer.from(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nX-Id: ${id}\r\n\r\n`),
  isWhole: (received) => isComplete(received.toString("latin1")),
  isEnd: (tail) => tail.toString("latin1").endsWith("\r\n0\r\n\r\n"),
  read: (received) => received.toString("latin1"),
  post: (path, size) =>
    Buffer.from(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${size}\r\n\r\n`),
  piece: (bytes) => bytes,
  end: Buffer.alloc(0),
};

/** The same as a web server sends it. */
export const fastcgi: Protocol = {
  get: (path, id = "") => request(1, variablesOf({ path, headers: [["X-Id", id]] })),
  isWhole: (received) => received.includes(END),
  isEnd: (tail) => tail.includes(END),
  read(received) {
    let text = "";
    let rest = received;
    for (let first = firstRecord(rest); first !== undefined; first = firstRecord(rest)) {
      if (first.received.type === STDOUT) {
        text += first.received.content.toString("latin1");
      }
      rest = rest.subarray(first.size);
    }
    return text;
  },
  post(path, size) {
    const variables = variablesOf({
      path,
      method: "POST",
      headers: [["Content-Length", String(size)]],
    });
    return Buffer.concat([begin(1), stream(PARAMS, 1, pairs(variables))]);
  },
  piece: (bytes) => stream(STDIN, 1, bytes, 65_528).subarray(0, -8),
  end: record(STDIN, 1),
  abort: record(ABORT, 1),
};

/** END_REQUEST for request 1. */
const END = Buffer.from([1, 3, 0, 1, 0, 8, 0, 0]);
