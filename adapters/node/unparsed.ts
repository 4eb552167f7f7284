import { STATUS_CODES } from "node:http";
import type { Http2ServerResponse } from "node:http2";
import type { Socket } from "node:net";
import { DramError } from "../../core/mod.ts";
import type { Lifetime } from "../process/mod.ts";
import type { Client } from "./client.ts";
import { LINGER_TIMEOUT } from "./limits.ts";
import type { AnyServer } from "./server.ts";

/** Answers what Node hands to no request listener: what it cannot parse, CONNECT, and silence. */
export function answerUnparsed(server: AnyServer, lifetime: Lifetime<Client>): void {
  server.on("clientError", (error: Error & { code?: string }, socket: Socket) => {
    const clients = clientsOf(socket, lifetime);
    // It is not of the requests that have come whole.
    const client = clients.at(-1)?.request.complete === false ? clients.pop() : undefined;
    client?.leave(
      new DramError(
        "ERR_CLIENT_DISCONNECTED",
        "the client left in the middle of its request, or sent what is no HTTP",
        { cause: error },
      ),
    );
    answerBehind(clients.at(-1), socket, STATUS_OF[error.code ?? ""] ?? 400, client);
  });
  server.on("connect", (_request: unknown, tunnel: Socket | Http2ServerResponse) => {
    // A socket of HTTP/1.1, a response of HTTP/2.
    if ("writeHead" in tunnel) {
      tunnel.writeHead(501).end();
    } else {
      answerBehind(clientsOf(tunnel, lifetime).at(-1), tunnel, 501, undefined);
    }
  });
  server.on("timeout", (socket: Socket) => {
    const [client] = clientsOf(socket, lifetime);
    client?.leave(
      new DramError("ERR_ABORTED", "neither side has sent anything within idleTimeout"),
    );
    if (client === undefined) {
      socket.destroy();
    } else {
      answer(socket, 503, client);
    }
  });
}

const STATUS_OF: { readonly [code: string]: number } = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_HEADER_OVERFLOW: 431,
};

/** In the order of their requests: more than one if they are pipelined. */
function clientsOf(socket: Socket, lifetime: Lifetime<Client>): Client[] {
  return [...lifetime.peers].filter(({ request }) => request.socket === socket);
}

const waiting = new WeakSet<Socket>();

/** Answers once those before have their answer, whose place this one would take. */
function answerBehind(
  ahead: Client | undefined,
  socket: Socket,
  status: number,
  client: Client | undefined,
): void {
  if (ahead === undefined) {
    answer(socket, status, client);
  } else if (socket.readableEnded) {
    // The client has left, of which Node tells nothing more once it could not parse something.
    socket.destroy();
  } else if (!waiting.has(socket)) {
    // Once: Node tells of each further packet, too.
    waiting.add(socket);
    ahead.response.once("close", () => answer(socket, status, client));
  }
}

/** The last thing on a connection, unless an answer is under way that it would become a part of. */
function answer(socket: Socket, status: number, client: Client | undefined): void {
  // Node tells of each further packet, too.
  if (socket.writableEnded) {
    return;
  }
  // A reset, for what the client still sends, must not overtake the answer.
  setTimeout(() => socket.destroy(), LINGER_TIMEOUT).unref();
  if (client?.response.headersSent) {
    socket.destroySoon();
    return;
  }
  const body = `${STATUS_CODES[status]}\n`;
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      "Content-Type: text/plain; charset=utf-8",
      `Content-Length: ${body.length}`,
      "Connection: close",
      "",
      body,
    ].join("\r\n"),
  );
}
