import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import type { Outcome } from "./environment.ts";
import type { Gateway } from "./gateway.ts";
import { type Field, type HttpRequest, Refusal, type Site } from "./message.ts";
import { parseResult } from "./result.ts";
import { sendStream, sendWhole } from "./send.ts";

export interface EmulatorOptions {
  readonly gateway: Gateway;
  /** What clients reach it by; the port is the server's own where it is `""`. */
  readonly site: Site;
  /** 0 for any that is free. */
  readonly port: number;
  /** The function behind it. */
  invoke(event: string): Promise<Outcome>;
  /** Takes what went in and what came out: JSON, or the head of a stream. */
  onExchange?(event: string, result: string): void;
  /** Takes why AWS would have refused a request or a result. */
  onRefusal(request: string, reason: string): void;
}

/** A server on this machine. */
export interface Emulator {
  readonly port: number;
  close(): Promise<void>;
}

/** The event of an invocation has at most 6 MB ("Lambda quotas", 2026-11). */
const MAX_EVENT = 6_291_456;

/** Serves a function as one of AWS's gateways would. */
export async function serveGateway(options: EmulatorOptions): Promise<Emulator> {
  const server = createServer({ requestTimeout: 0 }, (request, response) => {
    // A client that leaves does not stop a function: its answer goes nowhere.
    response.on("error", () => {});
    answer(options, request, response).catch((error: unknown) => {
      refuse(options, request, response, error);
    });
  });
  server.listen(options.port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "string" ? 0 : (address?.port ?? 0),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

async function answer(
  { gateway, site, invoke, onExchange }: EmulatorOptions,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const request = await receive(incoming, gateway);
  const port = site.port || String(incoming.socket.localPort);
  const event = JSON.stringify(gateway.toEvent(request, { ...site, port }));
  if (Buffer.byteLength(event) > MAX_EVENT) {
    throw new Refusal(413, `the event is larger than the ${MAX_EVENT} bytes that Lambda takes`);
  }
  const outcome = await invoke(event);
  switch (outcome.kind) {
    case "error":
      onExchange?.(event, outcome.message);
      throw new Refusal(502, outcome.message);
    case "value": {
      const payload = outcome.payload.toString();
      onExchange?.(event, payload);
      sendWhole(outgoing, gateway.toResponse(parseResult(payload), request));
      return;
    }
    case "stream":
      if (gateway.streams) {
        await sendStream(outcome, request, gateway, outgoing, (head) => onExchange?.(event, head));
      } else {
        // Asked for the whole response, Lambda waits for the end of the stream.
        const payload = (await buffer(outcome.body)).toString();
        onExchange?.(event, payload);
        sendWhole(outgoing, gateway.toResponse(parseResult(payload), request));
      }
  }
}

async function receive(incoming: IncomingMessage, gateway: Gateway): Promise<HttpRequest> {
  const { method = "GET", url = "/", rawHeaders, socket } = incoming;
  const headers: Field[] = [];
  let size = url.length;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const value = rawHeaders[index + 1] ?? "";
    // JSON cannot hold bytes: what is no UTF-8 is lost.
    headers.push([rawHeaders[index] ?? "", Buffer.from(value, "latin1").toString()]);
    size += value.length;
  }
  if (gateway.maxHead !== undefined && size > gateway.maxHead) {
    throw new Refusal(431, `request line and headers have ${size} bytes of ${gateway.maxHead}`);
  }
  const body = await buffer(incoming);
  if (body.length > gateway.maxBody) {
    throw new Refusal(413, `the body has ${body.length} bytes of at most ${gateway.maxBody}`);
  }
  const [, path = "", query = ""] = /^([^?]*)\??(.*)$/s.exec(url) ?? [];
  const address = socket.remoteAddress ?? "127.0.0.1";
  return { method, path, query, headers, body, address, time: Date.now(), id: randomUUID() };
}

/** All gateways here say it as API Gateway does. */
function refuse(
  { onRefusal }: EmulatorOptions,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  error: unknown,
): void {
  onRefusal(
    `${incoming.method} ${incoming.url}`,
    error instanceof Error ? error.message : String(error),
  );
  if (outgoing.headersSent) {
    outgoing.destroy();
    return;
  }
  const status = error instanceof Refusal ? error.status : 500;
  const message = status === 502 ? "Internal server error" : "Refused";
  outgoing.writeHead(status, ["content-type", "application/json"]);
  outgoing.end(JSON.stringify({ message }));
}
