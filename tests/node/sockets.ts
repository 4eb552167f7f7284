import { once } from "node:events";
import type { Application, WebSocketHandlers } from "dram";
import { text } from "dram";
import type { ServeOptions } from "dram/node";
import { onTestFinished } from "vitest";
import WebSocket, { type ClientOptions } from "ws";
import { type Listening, listening, type Wire, wire } from "./helpers.ts";

/** What is served beside the WebSockets. */
export const plain: Application = (environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return text(`${environ.REQUEST_METHOD} ${environ.PATH_INFO}\n`);
};

/** Serves WebSockets until the test has finished. */
export function sockets(
  handlers: Partial<WebSocketHandlers>,
  options: ServeOptions = {},
): Promise<Listening> {
  return listening(plain, { ...options, websocket: { message() {}, ...handlers } });
}

/** A client that has opened a WebSocket, until the test has finished. */
export async function open(
  port: number,
  path = "/",
  protocols: string[] = [],
  options: ClientOptions & { scheme?: string } = {},
): Promise<WebSocket> {
  const client = new WebSocket(
    `${options.scheme ?? "ws"}://127.0.0.1:${port}${path}`,
    protocols,
    options,
  );
  onTestFinished(() => client.terminate());
  await once(client, "open");
  return client;
}

/** The next message, a text as a string. */
export async function message(client: WebSocket): Promise<string | Uint8Array> {
  const [data, isBinary] = await once(client, "message");
  return isBinary ? new Uint8Array(data) : String(data);
}

/** The code and the reason of the end. */
export async function closing(client: WebSocket): Promise<[code: number, reason: string]> {
  const [code, reason] = await once(client, "close");
  return [code, String(reason)];
}

/** The head of a handshake, the sample of RFC 6455 §1.3, with other or further fields. */
export function handshake(
  path: string,
  changes: Readonly<Record<string, string | undefined>> = {},
): string {
  const fields = {
    Host: "localhost",
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...changes,
  };
  const lines = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return [`GET ${path} HTTP/1.1`, ...lines, "", ""].join("\r\n");
}

/** A connection of bytes with its handshake done. */
export async function rawSocket(port: number, path = "/"): Promise<Wire> {
  const client = await wire(port);
  client.send(handshake(path));
  await client.receive(/^HTTP\/1\.1 101 [\s\S]*\r\n\r\n/);
  return client;
}

/** A frame of a client, its mask all zeros, which leaves the payload as it is. */
export function frame(first: number, payload: string): string {
  return `${String.fromCharCode(first, 0x80 | payload.length)}\0\0\0\0${payload}`;
}

export const FINAL = 0x80;
export const TEXT = 0x1;
export const BINARY = 0x2;
export const CLOSE = 0x8;
export const PING = 0x9;
