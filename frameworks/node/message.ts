import { DramError, type HeaderList, isHopByHop, memoize, quote } from "../../core/mod.ts";

/** What a message is taken apart into, in the order of the bytes. */
export interface MessageParts {
  /** An informational response: 100, 102, 103. */
  interim(status: number, headers: HeaderList): void;
  /**
   * @param headers Without what belongs to the connection, and `Status`, which is a header in CGI alone.
   * @param chunked Nothing tells the length of the body beforehand, though its end will be told.
   */
  head(status: number, reason: string, headers: HeaderList, chunked: boolean): void;
  /** Never empty. */
  data(chunk: Uint8Array): void;
  /** The message is complete. */
  complete(trailers: HeaderList): void;
}

type State = "head" | "size" | "data" | "dataEnd" | "trailers" | "complete";

/** Takes one HTTP/1.1 response apart, as Node's `ServerResponse` writes it (RFC 9112 §4 to §7). */
export class MessageReader {
  readonly #parts: MessageParts;
  readonly #isHead: boolean;
  #state: State = "head";
  /** The beginning of a head or a line, in bytes as U+0000 to U+00FF. */
  #text = "";
  /** Bytes of the body, or of the chunk, that are still to come. */
  #left = 0;
  #chunked = false;
  #trailers: HeaderList = [];

  constructor(parts: MessageParts, isHead: boolean) {
    this.#parts = parts;
    this.#isHead = isHead;
  }

  /** @throws {DramError} `ERR_HEADERS` for what is no response. */
  write(chunk: string | Uint8Array, encoding: BufferEncoding): void {
    if (typeof chunk === "string") {
      this.#writeText(chunk, encoding);
    } else {
      this.#writeBytes(chunk);
    }
  }

  /** The connection has ended, and with it a message that says nothing of its own end. */
  end(): void {
    if (this.#left === Number.POSITIVE_INFINITY) {
      this.#complete();
    }
  }

  #writeText(text: string, encoding: BufferEncoding): void {
    let rest = text;
    while (this.#state === "head") {
      const end = this.#readHead(rest);
      if (end === undefined) {
        return;
      }
      rest = rest.slice(end);
    }
    if (rest !== "") {
      this.#writeBody(Buffer.from(rest, encoding));
    }
  }

  #writeBytes(bytes: Uint8Array): void {
    let rest = bytes;
    while (this.#state === "head") {
      const end = this.#readHead(Buffer.from(rest).toString("latin1"));
      if (end === undefined) {
        return;
      }
      rest = rest.subarray(end);
    }
    if (rest.length > 0) {
      // Copied: who has written it may use it again as soon as it is told that it is taken, which
      // means no more than that the gateway wants to have the next chunk.
      this.#writeBody(Uint8Array.prototype.slice.call(rest));
    }
  }

  /** @returns How much of the text the head has taken; `undefined` for all, and there is more to come. */
  #readHead(text: string): number | undefined {
    const before = this.#text.length;
    this.#text += text;
    const end = this.#text.indexOf("\r\n\r\n", Math.max(0, before - 3));
    if (end === -1) {
      return undefined;
    }
    const head = this.#text.slice(0, end);
    this.#text = "";
    const { line, headers } = parseHead(head);
    const status = Number(line.slice(9, 12));
    if (!line.startsWith("HTTP/1.") || !(status >= 100)) {
      throw malformed(line);
    }
    this.#begin(status, line.slice(13), headers);
    return end + 4 - before;
  }

  #begin(status: number, reason: string, headers: HeaderList): void {
    if (status < 200 && status !== 101) {
      this.#parts.interim(status, headers);
      return;
    }
    let length: number | undefined;
    const kept: HeaderList = [];
    for (const field of headers) {
      switch (kindOf(field[0])) {
        case "chunks":
          this.#chunked = true;
          break;
        case "length":
          length = Number(field[1]);
          kept.push(field);
          break;
        case "kept":
          kept.push(field);
      }
    }
    this.#parts.head(status, reason, kept, this.#chunked);
    if (this.#isHead || status === 204 || status === 304) {
      this.#complete();
    } else if (this.#chunked) {
      this.#state = "size";
    } else {
      this.#state = "data";
      this.#left = length ?? Number.POSITIVE_INFINITY;
      if (this.#left === 0) {
        this.#complete();
      }
    }
  }

  #writeBody(bytes: Uint8Array): void {
    let rest = bytes;
    while (rest.length > 0) {
      switch (this.#state) {
        case "data":
          rest = this.#readData(rest);
          break;
        case "complete":
          // Past Content-Length, or behind a response that has no body.
          return;
        default:
          rest = this.#readLine(rest);
      }
    }
  }

  #readData(bytes: Uint8Array): Uint8Array {
    const data = bytes.length > this.#left ? bytes.subarray(0, this.#left) : bytes;
    this.#left -= data.length;
    this.#parts.data(data);
    if (this.#left === 0) {
      if (this.#chunked) {
        this.#state = "dataEnd";
      } else {
        this.#complete();
      }
    }
    return bytes.subarray(data.length);
  }

  /** One line of the framing of chunks: short, and seldom in pieces. */
  #readLine(bytes: Uint8Array): Uint8Array {
    const end = bytes.indexOf(LINE_FEED);
    const part = end === -1 ? bytes : bytes.subarray(0, end + 1);
    this.#text += Buffer.from(part.buffer, part.byteOffset, part.length).toString("latin1");
    if (end !== -1) {
      const line = this.#text.slice(0, -2);
      this.#text = "";
      this.#endLine(line);
    }
    return bytes.subarray(part.length);
  }

  #endLine(line: string): void {
    switch (this.#state) {
      case "size":
        this.#left = Number.parseInt(line, 16);
        if (Number.isNaN(this.#left)) {
          throw malformed(line);
        }
        this.#state = this.#left === 0 ? "trailers" : "data";
        break;
      case "dataEnd":
        this.#state = "size";
        break;
      case "trailers":
        if (line === "") {
          this.#complete();
        } else {
          this.#trailers.push(fieldOf(line));
        }
    }
  }

  #complete(): void {
    this.#state = "complete";
    this.#parts.complete(this.#trailers);
  }
}

const LINE_FEED = 0x0a;

/** Header names remembered between requests. Our choice. */
const KNOWN_NAMES = 512;

type Kind = "chunks" | "length" | "left out" | "kept";

const kindOf = memoize((name: string): Kind => {
  switch (name.toLowerCase()) {
    case "transfer-encoding":
      return "chunks";
    case "content-length":
      return "length";
    case "status":
      return "left out";
    default:
      return isHopByHop(name) ? "left out" : "kept";
  }
}, KNOWN_NAMES);

/** By hand: a third of what `split` and an expression take. */
function parseHead(head: string): { line: string; headers: HeaderList } {
  const headers: HeaderList = [];
  let end = head.indexOf("\r\n");
  const line = end === -1 ? head : head.slice(0, end);
  while (end !== -1) {
    const start = end + 2;
    end = head.indexOf("\r\n", start);
    headers.push(fieldOf(end === -1 ? head.slice(start) : head.slice(start, end)));
  }
  return { line, headers };
}

function fieldOf(line: string): [name: string, value: string] {
  const colon = line.indexOf(":");
  if (colon < 1) {
    throw malformed(line);
  }
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}

function malformed(line: string): DramError {
  return new DramError(
    "ERR_HEADERS",
    `the listener has written to its connection what is no HTTP response: ${quote(line)}`,
  );
}
