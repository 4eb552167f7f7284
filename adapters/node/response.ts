import type { OutgoingHttpHeaders } from "node:http";
import {
  errorResponse,
  explain,
  type Gateway,
  type GatewayResponse,
  isStream,
  LineErrors,
} from "../../core/mod.ts";
import { ONE_WRITE } from "../process/mod.ts";
import { type Client, isHttp2, isOver, type NodeResponse, write } from "./client.ts";
import { breakOff, pump } from "./pump.ts";
import { hasTrailers, setTrailers } from "./trailers.ts";

/** Sends what `run` has made. A complete body leaves in this very call, at no cost of a promise. */
export function fromResponse(answer: GatewayResponse, client: Client, gateway: Gateway): void {
  if (isGone(client)) {
    cancel(answer);
    return;
  }
  try {
    send(answer, client);
  } catch (error) {
    // Node refuses a head: HTTP/2 repeats no ETag, and the application may have sent one itself.
    cancel(answer);
    new LineErrors(gateway.errors).write(`dram: a response cannot be sent: ${explain(error)}\n`);
    if (client.response.headersSent) {
      breakOff(client.response, true);
    } else {
      for (const name of client.response.getHeaderNames()) {
        client.response.removeHeader(name);
      }
      send(errorResponse(error, false), client);
    }
  }
}

function send(answer: GatewayResponse, client: Client): void {
  const { response } = client;
  const { body } = answer;
  if (isStream(body)) {
    writeHead(answer, client, undefined);
    client.watch();
    pump(body, client, answer.length !== undefined);
    return;
  }
  if (body === null) {
    writeHead(answer, client, undefined);
    response.end();
  } else if (typeof body === "string") {
    endWithText(body, answer, client);
  } else {
    endWithChunks(body, answer, client);
  }
  if (!isHandedOver(response)) {
    client.watch();
  }
}

/** Whether the system has taken all of a response that has been ended: nobody can miss it any more. */
function isHandedOver(response: NodeResponse): boolean {
  return !isHttp2(response) && response.socket !== null && response.writableLength === 0;
}

/** The head of a response is stored: it leaves with the first bytes of the body. */
export function writeHead(
  { status, reason, headers }: GatewayResponse,
  { response, lifetime }: Client,
  length: number | undefined,
): void {
  if (isHttp2(response)) {
    response.writeHead(status, grouped(headers, length));
    return;
  }
  const chunked = hasTrailers(response) && response.req.method !== "HEAD";
  const flat: string[] = [];
  let framed = length === undefined || chunked;
  for (const [name, value] of headers) {
    if (isContentLength(name)) {
      if (chunked) {
        continue;
      }
      framed = true;
    }
    flat.push(name, value);
  }
  if (!framed) {
    flat.push("Content-Length", String(length));
  }
  if (lifetime?.stopping) {
    flat.push("Connection", "close");
  }
  response.writeHead(status, reason, flat);
}

function isContentLength(name: string): boolean {
  return name.length === 14 && name.toLowerCase() === "content-length";
}

/** Names in lower case, repeated ones with all their values. */
function grouped(
  headers: GatewayResponse["headers"],
  length: number | undefined,
): OutgoingHttpHeaders {
  const values = new Map<string, string | string[]>();
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    const earlier = values.get(lower);
    values.set(lower, earlier === undefined ? value : [earlier, value].flat());
  }
  if (length !== undefined && !values.has("content-length")) {
    values.set("content-length", String(length));
  }
  return Object.fromEntries(values);
}

function endWithText(text: string, answer: GatewayResponse, client: Client): void {
  const length = Buffer.byteLength(text);
  if (length === text.length && length <= ONE_WRITE) {
    // ASCII alone: its bytes are its code points.
    end(text, length, answer, client);
  } else {
    endWithBytes(Buffer.from(text), answer, client);
  }
}

function endWithChunks(
  chunks: readonly Uint8Array[],
  answer: GatewayResponse,
  client: Client,
): void {
  const [first, second] = chunks;
  if (first === undefined) {
    end(undefined, 0, answer, client);
  } else if (second === undefined) {
    endWithBytes(Buffer.from(first.buffer, first.byteOffset, first.length), answer, client);
  } else {
    const length = answer.length ?? chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    if (length <= ONE_WRITE) {
      endWithBytes(Buffer.concat(chunks), answer, client);
    } else {
      writeHead(answer, client, length);
      for (const chunk of chunks) {
        write(client.response, chunk);
      }
      setTrailers(client.response);
      client.response.end();
    }
  }
}

/**
 * A small body leaves as a latin-1 string, byte for byte: only then does Node send head and body in
 * one write (7 to 15 % of a small answer).
 */
function endWithBytes(bytes: Buffer, answer: GatewayResponse, client: Client): void {
  end(bytes.length > ONE_WRITE ? bytes : bytes.toString("latin1"), bytes.length, answer, client);
}

/** @param body A string holds bytes. As UTF-8 it would take the head's bytes with it. */
function end(
  body: string | Buffer | undefined,
  length: number,
  answer: GatewayResponse,
  client: Client,
): void {
  const { response } = client;
  writeHead(answer, client, length);
  setTrailers(response);
  if (body === undefined || length === 0) {
    response.end();
  } else if (typeof body === "string") {
    response.end(body, "latin1");
  } else {
    response.end(body);
  }
}

function isGone({ left, response }: Client): boolean {
  return left || isOver(response) || response.writableEnded;
}

function cancel({ body }: GatewayResponse): void {
  if (isStream(body)) {
    body.cancel();
  }
}
