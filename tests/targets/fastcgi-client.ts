// A FastCGI client: what a web server sends, written from the specification and not with the adapter's codec.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Reply, Request } from "dram/conformance";
import { until } from "./target.ts";

export const BEGIN = 1;
export const ABORT = 2;
export const END = 3;
export const PARAMS = 4;
export const STDIN = 5;
export const STDOUT = 6;
export const STDERR = 7;
export const DATA = 8;
export const GET_VALUES = 9;
export const GET_VALUES_RESULT = 10;
export const UNKNOWN_TYPE = 11;

export type Variables = readonly (readonly [name: string, value: string])[];
/** A port of this machine, or a Unix socket. */
export type Place = { readonly port: number } | { readonly path: string };

/** @param content A string is bytes, U+0000 to U+00FF. */
export function record(
  type: number,
  id: number,
  content: string | Uint8Array = "",
  padding = 0,
): Buffer {
  const bytes = typeof content === "string" ? Buffer.from(content, "latin1") : content;
  const header = [1, type, id >> 8, id & 255, bytes.length >> 8, bytes.length & 255, padding, 0];
  return Buffer.concat([Buffer.from(header), bytes, Buffer.alloc(padding, 0xff)]);
}

export function begin(id: number, { keep = true, role = 1 } = {}): Buffer {
  return record(BEGIN, id, Buffer.from([role >> 8, role & 255, keep ? 1 : 0, 0, 0, 0, 0, 0]));
}

export function pairs(variables: Variables): Buffer {
  return Buffer.concat(
    variables.flatMap(([name, value]) => [
      length(name),
      length(value),
      Buffer.from(name + value, "latin1"),
    ]),
  );
}

function length(text: string): Buffer {
  if (text.length < 128) {
    return Buffer.from([text.length]);
  }
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(text.length + 2 ** 31);
  return bytes;
}

/** A whole stream, its end included, in records of at most `size` bytes. */
export function stream(type: number, id: number, content: Uint8Array, size = 65_535): Buffer {
  const records: Buffer[] = [];
  for (let at = 0; at < content.length; at += size) {
    records.push(record(type, id, content.subarray(at, at + size)));
  }
  return Buffer.concat([...records, record(type, id)]);
}

/** The variables of a request, as nginx sends them for a root of its own. */
export function variablesOf({ method = "GET", path, headers = [], body }: Request): Variables {
  const [, raw = path, query = ""] = /^([^?]*)\??(.*)$/s.exec(path) ?? [];
  const merged = new Map<string, string>();
  for (const [name, value] of headers) {
    if (name.includes("_")) {
      // nginx and Apache drop it, as nobody behind them can tell.
      continue;
    }
    const key = `HTTP_${name.toUpperCase().replaceAll("-", "_")}`;
    const earlier = merged.get(key);
    const separator = key === "HTTP_COOKIE" ? "; " : ", ";
    // As a proxy does: two Content-Length fields are no business of FastCGI's.
    merged.set(key, earlier === undefined ? value : earlier + separator + value);
  }
  const announced = merged.get("HTTP_CONTENT_LENGTH");
  const counted = body instanceof Uint8Array ? String(body.length) : "";
  return [
    ["REQUEST_METHOD", method],
    ["QUERY_STRING", query],
    ["CONTENT_TYPE", merged.get("HTTP_CONTENT_TYPE") ?? ""],
    ["CONTENT_LENGTH", announced ?? counted],
    ["SCRIPT_NAME", ""],
    ["PATH_INFO", decode(raw)],
    ["REQUEST_URI", path],
    ["SERVER_PROTOCOL", "HTTP/1.1"],
    ["GATEWAY_INTERFACE", "CGI/1.1"],
    ["SERVER_SOFTWARE", "test/1.0"],
    ["REMOTE_ADDR", "192.0.2.7"],
    ["REMOTE_PORT", "4711"],
    ["SERVER_ADDR", "127.0.0.1"],
    ["SERVER_PORT", "8000"],
    ["SERVER_NAME", "localhost"],
    ["HTTP_HOST", merged.get("HTTP_HOST") ?? "localhost:8000"],
    ...[...merged].filter(([name]) => name !== "HTTP_HOST"),
  ];
}

function decode(path: string): string {
  return path.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** A whole request in its records. */
export function request(
  id: number,
  variables: Variables,
  body: Uint8Array = new Uint8Array(),
  options: { keep?: boolean; role?: number } = {},
): Buffer {
  return Buffer.concat([
    begin(id, options),
    stream(PARAMS, id, pairs(variables)),
    stream(STDIN, id, body),
  ]);
}

/** A whole GET. */
export function get(path: string, id = 1, options: { keep?: boolean } = {}): Buffer {
  return request(id, variablesOf({ path }), new Uint8Array(), options);
}

export interface Received {
  readonly type: number;
  readonly id: number;
  readonly content: Buffer;
}

/** How a request has ended. */
interface End {
  readonly appStatus: number;
  readonly protocolStatus: number;
}

/** A connection to a FastCGI server. */
export interface FastcgiWire {
  readonly socket: Socket;
  /** Whole records, as they came. */
  readonly records: readonly Received[];
  /** Bytes behind the last whole record; or all from the first that is none. */
  readonly rest: Buffer;
  /** Called with each record as it comes. */
  onRecord: ((record: Received) => void) | undefined;
  /** How often bytes arrived. */
  readonly reads: number;
  /** The server has closed its side, or has reset the connection. */
  readonly ended: boolean;
  send(...bytes: readonly Uint8Array[]): void;
  /** The contents of a stream of one request so far. */
  stream(type: number, id?: number): string;
  /** Waits for the end of a request. */
  end(id?: number): Promise<End>;
  /** Waits for a record. */
  receive(type: number, id?: number): Promise<Received>;
  /** Waits until the server has closed. */
  closed(): Promise<void>;
}

/** The record at the start of bytes, and its size with the padding; `undefined` if it is not whole. */
export function firstRecord(bytes: Buffer): { received: Received; size: number } | undefined {
  if (bytes.length < 8 || bytes[0] !== 1) {
    return undefined;
  }
  const length = bytes.readUInt16BE(4);
  const size = 8 + length + (bytes[6] ?? 0);
  const content = bytes.subarray(8, 8 + length);
  return bytes.length < size
    ? undefined
    : { received: { type: bytes[1] ?? 0, id: bytes.readUInt16BE(2), content }, size };
}

export async function fastcgiWire(place: Place): Promise<FastcgiWire> {
  const socket = connect({ ...place, allowHalfOpen: true, noDelay: true });
  await once(socket, "connect");
  const records: Received[] = [];
  let rest = Buffer.alloc(0);
  let reads = 0;
  let ended = false;
  socket.on("data", (bytes: Buffer) => {
    reads++;
    rest = Buffer.concat([rest, bytes]);
    for (let first = firstRecord(rest); first !== undefined; first = firstRecord(rest)) {
      records.push(first.received);
      wire.onRecord?.(first.received);
      rest = rest.subarray(first.size);
    }
  });
  for (const event of ["end", "close", "error"]) {
    socket.on(event, () => {
      ended = true;
    });
  }
  const find = (type: number, id: number) =>
    records.find((record) => record.type === type && record.id === id);
  const wire: FastcgiWire = {
    socket,
    records,
    onRecord: undefined,
    get rest() {
      return rest;
    },
    get reads() {
      return reads;
    },
    get ended() {
      return ended;
    },
    send(...bytes) {
      socket.write(Buffer.concat(bytes));
    },
    stream(type, id = 1) {
      const contents = records.filter((record) => record.type === type && record.id === id);
      return Buffer.concat(contents.map(({ content }) => content)).toString("latin1");
    },
    async end(id = 1) {
      const { content } = await wire.receive(END, id);
      return { appStatus: content.readUInt32BE(0), protocolStatus: content[4] ?? -1 };
    },
    async receive(type, id = 1) {
      await until(() => find(type, id) !== undefined || ended);
      const found = find(type, id);
      if (found === undefined) {
        throw new Error(`the server closed without a record of type ${type} for ${id}`);
      }
      return found;
    },
    async closed() {
      await until(() => ended);
    },
  };
  return wire;
}

/**
 * A request on a connection of its own, and its response as a client of the web server sees it.
 *
 * @param log Gets the lines on STDERR.
 */
export async function sendFastcgi(place: Place, sent: Request, log: string[] = []): Promise<Reply> {
  const wire = await fastcgiWire(place);
  wire.onRecord = ({ type, content }) => {
    if (type === STDERR && content.length > 0) {
      log.push(content.toString("utf8").trimEnd());
    }
  };
  const { body } = sent;
  wire.send(begin(1, { keep: false }), stream(PARAMS, 1, pairs(variablesOf(sent))));
  feed(wire, body);
  await until(() => wire.stream(STDOUT).includes("\r\n\r\n") || wire.ended, 10_000);
  const [head = ""] = wire.stream(STDOUT).split("\r\n\r\n", 1);
  const [status = "", ...lines] = head.split("\r\n");
  const [, code = "0", reason = ""] = /^Status: (\d{3}) ?(.*)$/.exec(status) ?? [];
  return {
    status: Number(code),
    reason,
    headers: lines.map((line) => {
      const colon = line.indexOf(": ");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)];
    }),
    interim: [],
    trailers: [],
    chunks: chunksOf(wire, head.length + 4),
    leave: () => wire.socket.destroy(),
  };
}

async function feed(wire: FastcgiWire, body: Request["body"]): Promise<void> {
  if (body === undefined || body instanceof Uint8Array) {
    wire.send(stream(STDIN, 1, body ?? new Uint8Array()));
    return;
  }
  for await (const chunk of body) {
    wire.send(...(chunk.length === 0 ? [] : [record(STDIN, 1, chunk)]));
  }
  wire.send(record(STDIN, 1));
}

/** STDOUT behind the head, as it comes; breaks off where the server does not end the request. */
async function* chunksOf(wire: FastcgiWire, from: number): AsyncGenerator<Uint8Array> {
  let at = from;
  for (;;) {
    const body = wire.stream(STDOUT);
    if (body.length > at) {
      yield Buffer.from(body.slice(at), "latin1");
      at = body.length;
    } else if (wire.records.some(({ type }) => type === END)) {
      return;
    } else if (wire.ended) {
      throw new Error("the response broke off");
    } else {
      await until(
        () =>
          wire.stream(STDOUT).length > at ||
          wire.ended ||
          wire.records.some(({ type }) => type === END),
        30_000,
      );
    }
  }
}
