import { type IncomingMessage, ServerResponse } from "node:http";
import type { Answer } from "./answer.ts";
import { abort, drop } from "./request.ts";
import { asSocket, type ListenerSocket, type SocketOwner } from "./socket.ts";

/**
 * Node's own response to a request, and what Node's server does for both of them: it tells each of
 * what happens to the connection, and the connection of what happens to them.
 */
export function toResponse(
  request: IncomingMessage,
  socket: ListenerSocket,
  answer: Answer,
): ServerResponse {
  const response = new ServerResponse(request);
  const connection = new Connection(request, response, socket);
  socket.owner = connection;
  response.assignSocket(asSocket(socket));
  response.on("finish", () => {
    answer.end();
    connection.finished();
  });
  return response;
}

/** Not by listeners: four of them for each exchange, of which most are never called. */
class Connection implements SocketOwner {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #socket: ListenerSocket;

  constructor(request: IncomingMessage, response: ServerResponse, socket: ListenerSocket) {
    this.#request = request;
    this.#response = response;
    this.#socket = socket;
  }

  finished(): void {
    if (!this.#request.readableDidRead) {
      drop(this.#request);
    }
    // Not within the write that has called back: Node would make an error for each of them.
    process.nextTick(destroy, this.#socket);
  }

  closed(): void {
    if (!this.#response.writableFinished) {
      abort(this.#request);
    }
  }

  drained(): void {
    const response = this.#response;
    const socket = this.#socket;
    if (response.writableEnded) {
      return;
    }
    // Node's server takes back by a private symbol that a response needs to drain; or a pipe begun
    // later would wait for ever.
    Object.defineProperty(response, "writableNeedDrain", {
      configurable: true,
      get: () => !response.writableEnded && socket.writableNeedDrain,
    });
    response.emit("drain");
  }

  timedOut(): boolean {
    const request = this.#request;
    return (
      (!request.complete && request.emit("timeout", this.#socket)) ||
      this.#response.emit("timeout", this.#socket)
    );
  }
}

function destroy(socket: ListenerSocket): void {
  socket.destroy();
}
