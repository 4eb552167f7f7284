import {
  type Acceptance,
  decide,
  type Environ,
  type Gateway,
  type GatewayResponse,
  type WebSocketConnection,
  type WebSocketHandlers,
  WebSocketSession,
} from "../../core/mod.ts";

/** What a platform with a Fetch shape has for its WebSockets. */
export interface SocketPlatform<Native> {
  /** The application's. */
  readonly handlers: WebSocketHandlers;
  /** Bytes. */
  readonly maxMessageSize: number;
  /** Absent where connections cannot talk to each other. */
  readonly peers?: Iterable<WebSocketConnection>;
  /** Completes a handshake, and hands all that follows to the session. */
  accept(
    session: WebSocketSession,
    accepted: Acceptance,
    request: Request,
    native: Native,
  ): Response;
  /** The platform's way to send what denies it. */
  fromResponse(response: GatewayResponse, request: Request, native: Native): Response;
}

/** The flow of every handshake: nothing of the platform's is made before the application has decided. */
export async function answerHandshake<Native>(
  environ: Environ,
  request: Request,
  native: Native,
  gateway: Gateway,
  platform: SocketPlatform<Native>,
): Promise<Response> {
  const { handlers, maxMessageSize, peers } = platform;
  const session = new WebSocketSession({
    ...{ handlers, maxMessageSize },
    ...(peers === undefined ? {} : { peers }),
    id: crypto.randomUUID(),
    errors: environ["wsgi.errors"],
    uri: environ.REQUEST_URI,
  });
  const { accepted, denied } = await decide(session, environ, gateway);
  return denied === undefined
    ? platform.accept(session, accepted, request, native)
    : platform.fromResponse(denied, request, native);
}
