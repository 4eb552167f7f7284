import type {
  Acceptance,
  WebSocketConnection,
  WebSocketData,
  WebSocketSession,
  WebSocketTransport,
} from "../../core/mod.ts";
import { Connections, MAX_UNSENT, PING_INTERVAL } from "../process/mod.ts";
import { loadProtocol, type NodeSocket, type Protocol, type Upgrade } from "./protocol.ts";

/** How WebSockets are kept. */
export interface SocketOptions {
  /**
   * Milliseconds between two pings; a client that has not answered one by the next is disconnected with
   * 1006. Default 30,000; 0 for none.
   */
  pingInterval?: number;
  /** Negotiate `permessage-deflate`. Default false: it costs much memory for each connection. */
  compress?: boolean;
}

/**
 * @throws {DramError} `ERR_OPTION` if the package ws is not installed.
 */
export async function createSockets(
  maxMessageSize: number,
  { pingInterval = PING_INTERVAL, compress = false }: SocketOptions,
): Promise<Sockets> {
  return new Sockets(await loadProtocol(maxMessageSize, compress), pingInterval);
}

/** The WebSockets of one listener. */
export class Sockets {
  readonly #protocol: Protocol;
  readonly #pingInterval: number;
  readonly #open = new Connections<NodeSocket>();
  readonly #silent = new Set<NodeSocket>();
  /** The connections that are open. */
  readonly peers: Iterable<WebSocketConnection> = this.#open.sessions;
  #pings: NodeJS.Timeout | undefined;

  constructor(protocol: Protocol, pingInterval: number) {
    this.#protocol = protocol;
    this.#pingInterval = pingInterval;
  }

  /**
   * Answers a handshake, and hands all that follows to its session.
   *
   * @param waitUntil Given the promise of the `disconnect` handler. Kept as long as the connection:
   *   let it hold nothing of the request.
   */
  accept(
    { request, socket, head }: Upgrade,
    session: WebSocketSession,
    accepted: Acceptance,
    waitUntil: ((handled: Promise<void>) => void) | undefined,
  ): void {
    const over = (code?: number, reason?: string): void => {
      const handled = session.ended(code, reason);
      if (handled !== undefined) {
        waitUntil?.(handled);
      }
    };
    let opened = false;
    this.#protocol.accept({ request, socket, head }, accepted, (client) => {
      opened = true;
      this.#begin(client, session);
      client.on("close", (code, reason) => {
        this.#end(client, session);
        over(code, reason.toString());
      });
      // It was read, and then stopped, while `connect` was asked.
      socket.resume();
    });
    if (!opened) {
      // The client has left; or ws has refused what it offers, and answered.
      over();
    }
  }

  /** Closes all with 1001, and those that come late. Resolves when none is left. */
  stop(): Promise<void> {
    return this.#open.stop();
  }

  #begin(client: NodeSocket, session: WebSocketSession): void {
    client.on("message", (data, isBinary) => {
      session.receive(isBinary ? plain(data) : data.toString());
    });
    // What it tells is in the close code; an emitter that nobody listens to would throw it.
    client.on("error", ignore);
    client.on("pong", () => this.#silent.delete(client));
    this.#startPings();
    session.open(new Transport(client));
    this.#open.add(session, client);
  }

  #end(client: NodeSocket, session: WebSocketSession): void {
    this.#open.delete(session);
    this.#silent.delete(client);
    if (this.#open.size === 0) {
      clearInterval(this.#pings);
      this.#pings = undefined;
    }
  }

  /** One timer for all. */
  #startPings(): void {
    if (this.#pingInterval > 0) {
      this.#pings ??= setInterval(() => this.#ping(), this.#pingInterval).unref();
    }
  }

  #ping(): void {
    for (const client of this.#open.sockets) {
      if (this.#silent.has(client)) {
        client.terminate();
      } else {
        this.#silent.add(client);
        client.ping();
      }
    }
  }
}

/** One object of one shape for each connection, for there may be many. */
class Transport implements WebSocketTransport {
  readonly #client: NodeSocket;

  constructor(client: NodeSocket) {
    this.#client = client;
  }

  /** A promise only if the client is slow: then this message, and so those before it, must leave first. */
  send(data: WebSocketData): void | Promise<void> {
    const client = this.#client;
    if (client.readyState !== client.OPEN) {
      throw new Error("the connection is not open");
    }
    const options = typeof data === "string" ? AS_TEXT : AS_BYTES;
    if (client.bufferedAmount < MAX_UNSENT) {
      client.send(data, options);
      return;
    }
    return new Promise((resolve, reject) => {
      client.send(data, options, (error) => (error ? reject(error) : resolve()));
    });
  }

  close(code: number, reason: string): void {
    this.#client.close(code, reason);
  }

  pause(): void {
    this.#client.pause();
  }

  resume(): void {
    this.#client.resume();
  }
}

const AS_TEXT = { binary: false };
const AS_BYTES = { binary: true };

function ignore(): void {}

/** No Buffer: its `slice` is no copy. */
function plain({ buffer, byteOffset, length }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}
