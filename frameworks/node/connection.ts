import { type IncomingMessage, ServerResponse } from "node:http";
import type { Answer } from "./answer.ts";
import { abort, drop } from "./request.ts";
import { asSocket, type ListenerSocket } from "./socket.ts";

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
  socket.on("error", ignore);
  socket.on("close", () => {
    if (!response.writableFinished) {
      abort(request);
    }
  });
  response.assignSocket(asSocket(socket));
  socket.on("drain", () => passDrain(response, socket));
  socket.on("timeout", () => {
    const heard =
      (!request.complete && request.emit("timeout", socket)) || response.emit("timeout", socket);
    if (!heard) {
      socket.destroy();
    }
  });
  response.on("finish", () => {
    answer.end();
    if (!request.readableDidRead) {
      drop(request);
    }
    // Not within the write that has called back: Node would make an error for each of them.
    process.nextTick(() => socket.destroy());
  });
  return response;
}

function passDrain(response: ServerResponse, socket: ListenerSocket): void {
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

function ignore(): void {}
