import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type Acceptance, DramError } from "../../core/mod.ts";

/** A handshake that was accepted, as Node handed it over. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** What the client has already sent behind its handshake. */
  readonly head: Buffer;
}

/** One connection of the package ws, as much of it as is used here. */
export interface NodeSocket {
  readonly readyState: number;
  readonly OPEN: number;
  /** Bytes that the system has not taken yet. */
  readonly bufferedAmount: number;
  send(
    data: string | Uint8Array,
    options: { binary: boolean },
    taken?: (error?: Error | null) => void,
  ): void;
  close(code: number, reason: string): void;
  terminate(): void;
  ping(): void;
  pause(): void;
  resume(): void;
  on(event: "message", listener: (data: Buffer, isBinary: boolean) => void): unknown;
  on(event: "close", listener: (code: number, reason: Buffer) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "pong", listener: () => void): unknown;
}

/** RFC 6455 on Node's sockets. */
export interface Protocol {
  /** Answers a handshake. `opened` is called at once, or not at all: it was refused, or the client has left. */
  accept(upgrade: Upgrade, accepted: Acceptance, opened: (client: NodeSocket) => void): void;
}

/**
 * Loads the package ws.
 *
 * @throws {DramError} `ERR_OPTION` if it is not installed.
 */
export async function loadProtocol(maxMessageSize: number, compress: boolean): Promise<Protocol> {
  let library: typeof import("ws");
  try {
    library = await import("ws");
  } catch (cause) {
    throw new DramError(
      "ERR_OPTION",
      'WebSockets on Node need the package "ws", an optional peer dependency of dram: npm install ws',
      { cause },
    );
  }
  // What ws is to put into the answer, for the moment in which it does.
  let current: Acceptance | undefined;
  const server = new library.WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: compress,
    // 0 is no limit.
    maxPayload: Number.isFinite(maxMessageSize) ? Math.ceil(maxMessageSize) : 0,
    handleProtocols: () => current?.subprotocol ?? false,
  });
  server.on("headers", (lines) => {
    for (const [name, value] of current?.headers ?? []) {
      lines.push(`${name}: ${value}`);
    }
  });
  return {
    accept({ request, socket, head }, accepted, opened) {
      current = accepted;
      // ws writes the head as a string; as UTF-8 the bytes of header values would become two each.
      socket.setDefaultEncoding("latin1");
      server.handleUpgrade(request, socket, head, (client) => {
        socket.setDefaultEncoding("utf8");
        opened(client);
      });
      current = undefined;
    },
  };
}
