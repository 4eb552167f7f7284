import type { Gateway, GatewayResponse } from "../../core/mod.ts";
import { type Client, isHttp2 } from "./client.ts";
import { awaitsContinue } from "./continue.ts";
import { discard } from "./discard.ts";
import { fromResponse, writeHead } from "./response.ts";

const refused = new WeakSet<object>();

/**
 * Whether a connection has had a request refused. What follows on it may be the rest of that
 * request, which another server has read in another way: never to be run.
 */
export function isRefused({ request, response }: Client): boolean {
  return !isHttp2(response) && refused.has(request.socket);
}

/**
 * Answers a malformed request and closes its connection; first, within bounds, lets the client send
 * what it is sending, for a reset would overtake the answer.
 */
export function fromRefusal(answer: GatewayResponse, client: Client, gateway: Gateway): void {
  const { request, response } = client;
  const hasBody = announcesBody(request.headers);
  // Outside the mount point nothing is malformed, unless it be the framing of a body.
  if (isHttp2(response) || (answer.status === 404 && !hasBody)) {
    fromResponse(answer, client, gateway);
    return;
  }
  refused.add(request.socket);
  answer.headers.push(["Connection", "close"]);
  const { body } = answer;
  if (typeof body !== "string" || !hasBody || awaitsContinue(response)) {
    fromResponse(answer, client, gateway);
    return;
  }
  const bytes = Buffer.from(body);
  client.watch();
  writeHead(answer, client, bytes.length);
  response.write(bytes);
  discard(request, () => response.end());
}

function announcesBody(headers: Client["request"]["headers"]): boolean {
  return headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
}
