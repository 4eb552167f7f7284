import type { Acceptance, WebSocketData } from "../../core/mod.ts";
import { toText } from "./response.ts";

/** One end of a `WebSocketPair`, as a Durable Object keeps it: the part that the gateway uses. */
export interface WorkerSocket {
  /** 1 for one that is open. */
  readonly readyState: number;
  /** Throws if this side has closed. */
  send(data: string | Uint8Array): void;
  /** Begins the closing handshake, or answers it. */
  close(code?: number, reason?: string): void;
  /** Stores a structured clone of at most 16 KiB. */
  serializeAttachment(value: unknown): void;
  /** What was stored last. */
  deserializeAttachment(): unknown;
}

/** The end that stays here. */
interface OwnSocket extends WorkerSocket {
  binaryType: string;
  accept(): void;
  addEventListener(
    type: "message",
    listener: (event: { readonly data: string | ArrayBuffer }) => void,
  ): void;
  addEventListener(
    type: "close",
    listener: (event: { readonly code: number; readonly reason: string }) => void,
  ): void;
  addEventListener(type: "error", listener: () => void): void;
}

// Of workerd alone. Said here, for compilers that have no types of Cloudflare's.
declare class WebSocketPair {
  /** The client's. */
  readonly 0: WorkerSocket;
  readonly 1: OwnSocket;
}

/** Two ends, and the response that hands the client's over. */
export function makePair({ subprotocol, headers }: Acceptance): {
  readonly socket: OwnSocket;
  readonly response: Response;
} {
  const { 0: client, 1: socket } = new WebSocketPair();
  const list = headers.map(toText);
  if (subprotocol !== undefined) {
    list.push(["Sec-WebSocket-Protocol", subprotocol]);
  }
  const init: ResponseInit = { status: 101, headers: list };
  return { socket, response: new Response(null, Object.assign(init, { webSocket: client })) };
}

/** A message as workerd gives it, once it is told to give no Blob. */
export function dataOf(data: string | ArrayBuffer): WebSocketData {
  return typeof data === "string" ? data : new Uint8Array(data);
}
