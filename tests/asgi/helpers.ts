import type { Application, ErrorStream, ExtendedApplication } from "dram";
import type {
  AsgiApplication,
  AsgiReceiveEvent,
  AsgiScope,
  AsgiSend,
  AsgiSendEvent,
  HttpScope,
  WebSocketScope,
} from "dram/asgi";
import { toFetch } from "dram/fetch";

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function text(part: Uint8Array | null | undefined): string {
  return new TextDecoder().decode(part ?? new Uint8Array(0));
}

/** A log that keeps its lines. */
export function makeLog(): { errors: ErrorStream; lines: string[] } {
  const lines: string[] = [];
  return {
    lines,
    errors: { write: (line) => void lines.push(line.trimEnd()), writelines() {}, flush() {} },
  };
}

/** An HTTP scope as a server may make it. */
export function httpScope(changes: Partial<HttpScope> = {}): HttpScope {
  return {
    type: "http",
    asgi: { version: "3.0", spec_version: "2.5" },
    http_version: "1.1",
    method: "GET",
    scheme: "http",
    path: "/",
    raw_path: bytes(changes.path ?? "/"),
    query_string: bytes(""),
    headers: [],
    ...changes,
  };
}

/** A WebSocket scope as a server may make it. */
export function webSocketScope(changes: Partial<WebSocketScope> = {}): WebSocketScope {
  const { method: _, ...common } = httpScope();
  return {
    ...common,
    type: "websocket",
    scheme: "ws",
    subprotocols: [],
    headers: [
      [bytes("connection"), bytes("Upgrade")],
      [bytes("upgrade"), bytes("websocket")],
    ],
    ...changes,
  };
}

/** Calls an ASGI application as a server, and keeps what it sends. */
export function serverOf(
  asgi: AsgiApplication,
  scope: AsgiScope,
  events: readonly AsgiReceiveEvent[] = [{ type: "http.request" }],
  onSend: AsgiSend = async () => {},
) {
  const sent: AsgiSendEvent[] = [];
  const waiting = [...events];
  let wake = (): void => {};
  const done = asgi(
    scope,
    async () => {
      for (;;) {
        const event = waiting.shift();
        if (event !== undefined) {
          return event;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async (event) => {
      await onSend(event);
      sent.push(event);
    },
  );
  return {
    sent,
    done,
    push(event: AsgiReceiveEvent) {
      waiting.push(event);
      wake();
    },
  };
}

/** Sends one request to an application in this process. */
export async function request(
  application: Application | ExtendedApplication,
  init: RequestInit & { path?: string } = {},
) {
  const { errors, lines } = makeLog();
  const { path = "/", ...rest } = init;
  const response = await toFetch(application, { errors })(
    new Request(`http://localhost${path}`, rest),
  );
  return { response, lines };
}
