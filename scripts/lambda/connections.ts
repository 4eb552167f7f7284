import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import type { WebSocket } from "ws";
import { type Credentials, isSigned } from "./signature.ts";

/** An open connection of a WebSocket API. */
export interface Connection {
  readonly id: string;
  readonly socket: WebSocket;
  readonly connectedAt: number;
  readonly identity: { readonly sourceIp: string; readonly userAgent: string | null };
  lastActiveAt: number;
}

/** "Amazon API Gateway quotas", WebSocket APIs, 2026-11. */
export const MAX_MESSAGE = 131_072;

/**
 * Answers a call of the management API, which only the owner of the credentials may make ("Use
 * @connections commands in your backend service", 2026-11).
 */
export async function manage(
  request: IncomingMessage,
  response: ServerResponse,
  connections: Map<string, Connection>,
  { stage, credentials }: { readonly stage: string; readonly credentials: Credentials },
): Promise<void> {
  const body = await buffer(request);
  const prefix = `/${stage}/@connections/`;
  const { url = "", method } = request;
  if (!url.startsWith(prefix) || !isSigned(request, body, credentials)) {
    answer(response, 403, { message: "Forbidden" });
    return;
  }
  const connection = connections.get(decodeURIComponent(url.slice(prefix.length)));
  if (connection === undefined) {
    answer(response, 410);
    return;
  }
  const { socket, connectedAt, identity, lastActiveAt } = connection;
  switch (method) {
    case "POST":
      if (body.length > MAX_MESSAGE) {
        answer(response, 413, { message: "Message too long" });
        return;
      }
      await new Promise((sent) => socket.send(body, { binary: false }, sent));
      answer(response, 200);
      return;
    case "DELETE":
      connections.delete(connection.id);
      // AWS does not say with which code.
      socket.close(1000, "Connection Closed Normally");
      answer(response, 204);
      return;
    case "GET":
      answer(response, 200, {
        connectedAt: new Date(connectedAt).toISOString(),
        identity,
        lastActiveAt: new Date(lastActiveAt).toISOString(),
      });
      return;
    default:
      answer(response, 403, { message: "Forbidden" });
  }
}

function answer(response: ServerResponse, status: number, value?: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(value === undefined ? undefined : JSON.stringify(value));
}
