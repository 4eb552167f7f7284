import type { Acceptance, WebSocketSession } from "../../core/mod.ts";
import type { WorkerNative } from "./environ.ts";
import { dataOf, makePair } from "./pair.ts";

/**
 * Completes a handshake. workerd keeps an invocation for as long as its sockets are open;
 * `ctx.waitUntil` does so for what follows their end.
 */
export function accept(
  session: WebSocketSession,
  accepted: Acceptance,
  _request: Request,
  { ctx }: WorkerNative,
): Response {
  const { socket, response } = makePair(accepted);
  // Newer compatibility dates give a Blob, which nobody could read in order.
  socket.binaryType = "arraybuffer";
  socket.accept();
  socket.addEventListener("message", ({ data }) => {
    session.receive(dataOf(data));
  });
  const over = (code: number, reason?: string): void => {
    const handled = session.ended(code, reason);
    if (handled !== undefined) {
      ctx.waitUntil(handled);
    }
  };
  socket.addEventListener("close", ({ code, reason }) => over(code, reason));
  // No close follows if what the client has sent was no WebSocket's.
  socket.addEventListener("error", () => over(1006));
  session.open({
    send: (data) => socket.send(data),
    close: (code, reason) => socket.close(code, reason),
  });
  return response;
}
