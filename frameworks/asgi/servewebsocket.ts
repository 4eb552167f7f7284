import {
  type Application,
  decide,
  type Environ,
  encodeUtf8,
  type Gateway,
  type GatewayResponse,
  isStream,
  refuse,
  run,
  type WebSocketData,
  type WebSocketHandlers,
  WebSocketSession,
} from "../../core/mod.ts";
import { toEnviron } from "./environ.ts";
import { AsgiRequest } from "./request.ts";
import { encoded, ResponseParts, reasonIn } from "./response.ts";
import type { AsgiReceive, AsgiReceiveEvent, AsgiSend, WebSocketScope } from "./types.ts";

/** Who answers to the websocket scope. */
interface Answering {
  /** Without them the application answers, as to any request: the handshake is denied. */
  readonly handlers: WebSocketHandlers | undefined;
  readonly application: Application;
  readonly maxMessageSize: number;
}

/** The websocket scope: the events of a server become those of the handlers. */
export async function serveWebSocket(
  { handlers, application, maxMessageSize }: Answering,
  gateway: Gateway,
  scope: WebSocketScope,
  receive: AsgiReceive,
  send: AsgiSend,
): Promise<void> {
  await receive();
  const request = new AsgiRequest(scope, receive);
  const work = new Set<Promise<unknown>>();
  let environ: Environ;
  try {
    environ = toEnviron(request, gateway, new ResponseParts(), (promise) => work.add(promise));
  } catch (error) {
    await deny(refuse(error, gateway), scope, send);
    return;
  }
  if (handlers === undefined) {
    await deny(await run(application, environ, gateway), scope, send);
    await settled(work);
    return;
  }
  const session = new WebSocketSession({
    ...{ handlers, id: crypto.randomUUID(), errors: environ["wsgi.errors"] },
    ...{ uri: environ.REQUEST_URI, maxMessageSize },
  });
  const { accepted, denied } = await decide(session, environ, gateway);
  if (denied !== undefined) {
    await deny(denied, scope, send);
  } else if (accepted !== undefined) {
    const { subprotocol = null, headers } = accepted;
    await send({ type: "websocket.accept", subprotocol, headers: encoded(headers) });
    session.open({
      send: (data) => send({ type: "websocket.send", ...messageOf(data) }),
      close: (code, reason) => {
        send({ type: "websocket.close", code, reason }).catch(() => {});
      },
    });
    await receiveAll(session, receive);
  }
  await settled(work);
}

/** These never reject. */
async function settled(work: ReadonlySet<Promise<unknown>>): Promise<void> {
  for (const promise of work) {
    await promise;
  }
}

/** Each message is handled before the next is asked for: that is the back-pressure. */
async function receiveAll(session: WebSocketSession, receive: AsgiReceive): Promise<void> {
  for (;;) {
    const event: AsgiReceiveEvent = await receive();
    if (event.type === "websocket.receive") {
      await session.receive(event.text ?? event.bytes ?? "");
    } else if (event.type === "websocket.disconnect") {
      await session.ended(event.code ?? 1005, event.reason ?? "");
      return;
    }
  }
}

async function deny(answer: GatewayResponse, scope: WebSocketScope, send: AsgiSend): Promise<void> {
  const { status, reason, headers, body } = answer;
  const { extensions = {} } = scope;
  if (!("websocket.http.response" in extensions)) {
    if (isStream(body)) {
      body.cancel();
    }
    // The server answers 403.
    await send({ type: "websocket.close", code: 1000 });
    return;
  }
  await send({
    type: "websocket.http.response.start",
    status,
    headers: encoded(headers),
    ...reasonIn(scope, reason),
  });
  for await (const chunk of chunksOf(body)) {
    await send({ type: "websocket.http.response.body", body: chunk, more_body: true });
  }
  await send({ type: "websocket.http.response.body", body: new Uint8Array(0), more_body: false });
}

async function* chunksOf(body: GatewayResponse["body"]): AsyncGenerator<Uint8Array, void, void> {
  if (isStream(body)) {
    try {
      for (let chunk = await body.next(); chunk !== null; chunk = await body.next()) {
        yield chunk;
      }
    } finally {
      body.cancel();
    }
  } else if (typeof body === "string") {
    yield encodeUtf8(body);
  } else if (body !== null) {
    yield* body;
  }
}

function messageOf(data: WebSocketData): { text: string } | { bytes: Uint8Array } {
  return typeof data === "string" ? { text: data } : { bytes: data };
}
