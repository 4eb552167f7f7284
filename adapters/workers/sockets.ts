import type { Acceptance, WebSocketData, WebSocketSession } from "../../core/mod.ts";
import type { WorkerNative } from "./environ.ts";
import { toText } from "./response.ts";

/**
 * Completes a handshake, and keeps the connection for as long as it is open: workerd keeps an
 * invocation alive for its sockets, and `ctx.waitUntil` does for what follows their end.
 */
export function accept(
  session: WebSocketSession,
  accepted: Acceptance,
  _request: Request,
  { ctx }: WorkerNative,
): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  // A Blob, which could not be read in order, is what newer compatibility dates give.
  server.binaryType = "arraybuffer";
  server.accept();
  server.addEventListener("message", ({ data }) => {
    session.receive(dataOf(data));
  });
  const over = (code: number, reason?: string): void => {
    const handled = session.ended(code, reason);
    if (handled !== undefined) {
      ctx.waitUntil(handled);
    }
  };
  server.addEventListener("close", ({ code, reason }) => over(code, reason));
  // No close follows if it was what the client has sent that was wrong.
  server.addEventListener("error", () => over(1006));
  session.open({
    send: (data) => server.send(data),
    close: (code, reason) => server.close(code, reason),
  });
  return switchProtocols(client, accepted);
}

/** The response that hands the client's end of a pair over. */
export function switchProtocols(client: WebSocket, { subprotocol, headers }: Acceptance): Response {
  const list = headers.map(toText);
  if (subprotocol !== undefined) {
    list.push(["Sec-WebSocket-Protocol", subprotocol]);
  }
  return new Response(null, { status: 101, webSocket: client, headers: list });
}

/** A message as workerd gives it, once it is told to give no Blob. */
export function dataOf(data: string | ArrayBuffer): WebSocketData {
  return typeof data === "string" ? data : new Uint8Array(data);
}
