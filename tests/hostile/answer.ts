import type { Header } from "./corpus.ts";

/** A response as a client sees it. */
export interface Answer {
  /** 0 if there was none. */
  readonly status: number;
  /** Names in lower case, in order. */
  readonly headers: readonly Header[];
  readonly body: Buffer;
  /** False if the body broke off. */
  readonly complete: boolean;
  /** The connection was reset, which may overtake an answer. */
  readonly reset?: boolean;
  /** The server has closed the connection. */
  readonly closed?: boolean;
  /** The protocolStatus of a FastCGI END_REQUEST. */
  readonly endStatus?: number;
  /** It was whole before any of it was sent: what breaks is answered 500. */
  readonly buffered?: boolean;
  /** Why there was none, where the gateway failed in the place of answering. */
  readonly rejection?: string;
}

/** The final response among bytes received, U+0000 to U+00FF each. */
export interface Parsed extends Answer {
  /** Nothing more is wanted of the connection for this response. */
  readonly framed: boolean;
}

/** The first final response in what was received so far. */
export function parseAnswer(received: string, method: string, isOver: boolean): Parsed {
  const end = received.indexOf("\r\n\r\n");
  if (end === -1) {
    return { status: 0, headers: [], body: Buffer.alloc(0), complete: false, framed: false };
  }
  const [statusLine = "", ...lines] = received.slice(0, end).split("\r\n");
  const status = Number(/^HTTP\/1\.[01] (\d{3})( |$)/.exec(statusLine)?.[1]);
  const rest = received.slice(end + 4);
  if (status >= 100 && status < 200 && status !== 101) {
    return parseAnswer(rest, method, isOver);
  }
  const headers = lines.map((line): Header => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  const body = bodyOf(rest, status, method, new Map(headers));
  const framed = body.framed ?? false;
  // Neither length nor chunks: the end of the connection is the end of the body.
  return { status, headers, body: body.bytes, framed, complete: body.framed ?? isOver };
}

function bodyOf(
  rest: string,
  status: number,
  method: string,
  headers: ReadonlyMap<string, string>,
): { bytes: Buffer; framed: boolean | undefined } {
  if (method === "HEAD" || status === 204 || status === 304) {
    // Whatever comes all the same is the body that must not be there.
    return { bytes: Buffer.from(rest, "latin1"), framed: true };
  }
  if (/chunked/i.test(headers.get("transfer-encoding") ?? "")) {
    return dechunk(rest);
  }
  const length = headers.get("content-length");
  const bytes = Buffer.from(length === undefined ? rest : rest.slice(0, Number(length)), "latin1");
  return { bytes, framed: length === undefined ? undefined : bytes.length === Number(length) };
}

function dechunk(rest: string): { bytes: Buffer; framed: boolean } {
  let bytes = "";
  for (let at = 0; ; ) {
    const [head, size = ""] = /^([0-9a-f]+)[^\r\n]*\r\n/i.exec(rest.slice(at)) ?? [];
    if (head === undefined) {
      return { bytes: Buffer.from(bytes, "latin1"), framed: false };
    }
    at += head.length;
    const length = Number.parseInt(size, 16);
    if (length === 0) {
      return { bytes: Buffer.from(bytes, "latin1"), framed: rest.includes("\r\n", at) };
    }
    bytes += rest.slice(at, at + length);
    at += length + 2;
  }
}
