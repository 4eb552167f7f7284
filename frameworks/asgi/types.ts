/**
 * An ASGI 3 application (asgi.readthedocs.io, HTTP and WebSocket 2.5, lifespan 2.0). Called once for
 * each request, each WebSocket, and once for the lifespan of its server. Where Python has None, here
 * is `null` or nothing; bytes are Uint8Array, integers numbers.
 *
 * @throws For a scope whose type it does not know.
 */
export type AsgiApplication = (
  scope: AsgiScope,
  receive: AsgiReceive,
  send: AsgiSend,
) => Promise<void>;

/** The next event. Not to be called again before it has resolved. */
export type AsgiReceive = () => Promise<AsgiReceiveEvent>;

/**
 * Resolves when the server has taken the event (back-pressure). Rejects with `ERR_ASGI_EVENT` for one
 * that is malformed or out of place, with `ERR_CLIENT_DISCONNECTED` when the client has left.
 */
export type AsgiSend = (event: AsgiSendEvent) => Promise<void>;

/** What tells a scope or an event from the others. */
export interface OfType<Type extends string> {
  /** As ASGI names it. */
  readonly type: Type;
}

/** What the call is for, told apart by `type`. */
export type AsgiScope = HttpScope | WebSocketScope | LifespanScope;

/** Names in lower case, values as they were sent, both bytes; order and repeated fields kept. */
export type AsgiHeaders = readonly (readonly [name: Uint8Array, value: Uint8Array])[];

/** What the server speaks. */
export interface AsgiVersions {
  /** Of ASGI: `3.0`. */
  readonly version: string;
  /** Of the protocol that the scope's type names. */
  readonly spec_version?: string;
}

/**
 * What the server has beyond the standard: a key that is present is supported. Those of ASGI are
 * `http.response.early_hint`, `http.response.trailers`, `http.response.pathsend`,
 * `http.response.zerocopysend`, `websocket.http.response` and `tls`; of dram `dram.capabilities` (what
 * `environ["dram.capabilities"]` says; with `reason` the start of a response may have one) and
 * `dram.environ` (`{ environ }`, with the platform's own keys).
 */
export type AsgiExtensions = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What the scopes of a request and of a WebSocket have in common. */
export interface ConnectionScope {
  /** The protocol has the number that `type` names. */
  readonly asgi: AsgiVersions;
  /** `1.0`, `1.1`, `2`. */
  readonly http_version: string;
  /** The whole path, that of the mount point included, percent-decoded, its bytes decoded as UTF-8. */
  readonly path: string;
  /** The path as it was sent. */
  readonly raw_path?: Uint8Array | null;
  /** Without its `?`, as it was sent. */
  readonly query_string: Uint8Array;
  /** The mount point: `""`, or what `path` begins with. */
  readonly root_path?: string;
  /** The host first, where the client has told one. */
  readonly headers: AsgiHeaders;
  /** `null` if it is not known; port 0 if only that is not. */
  readonly client?: readonly [host: string, port: number] | null;
  /** The port is `null` for a Unix socket, whose path is the host then. */
  readonly server?: readonly [host: string, port: number | null] | null;
  /** What the application has left in the state of its lifespan: a copy for each scope. */
  readonly state?: Record<string, unknown>;
  /** What the server has beyond the standard; without a key, nothing. */
  readonly extensions?: AsgiExtensions;
}

/** One request. Its body comes by `receive`. */
export interface HttpScope extends OfType<"http">, ConnectionScope {
  /** In upper case. */
  readonly method: string;
  /** Default `http`. */
  readonly scheme?: string;
}

/** One WebSocket, from its handshake to its end. */
export interface WebSocketScope extends OfType<"websocket">, ConnectionScope {
  /** Default `ws`. */
  readonly scheme?: string;
  /** What the client offers, in its order. */
  readonly subprotocols?: readonly string[];
}

/** The life of the server. An application that does not know it throws, and is served without. */
export interface LifespanScope extends OfType<"lifespan"> {
  /** Its `spec_version` is of the lifespan protocol: `2.0`. */
  readonly asgi: AsgiVersions;
  /** For the application to fill before it says that its startup is complete. */
  readonly state?: Record<string, unknown>;
}

/** What `receive` resolves with, told apart by `type`; which, the scope decides. */
export type AsgiReceiveEvent =
  | HttpRequestEvent
  | HttpDisconnectEvent
  | WebSocketConnectEvent
  | WebSocketReceiveEvent
  | WebSocketDisconnectEvent
  | LifespanStartupEvent
  | LifespanShutdownEvent;

/** A part of the request body. */
export interface HttpRequestEvent extends OfType<"http.request"> {
  /** Nothing is an empty part. */
  readonly body?: Uint8Array;
  /** Default false: this is the last part. */
  readonly more_body?: boolean;
}

/** The client has left, or the response is complete. Comes as often as it is asked for. */
export type HttpDisconnectEvent = OfType<"http.disconnect">;

/** The first event of a WebSocket: to be answered by accept, close or a response. */
export type WebSocketConnectEvent = OfType<"websocket.connect">;

/** A message; exactly one of both is there. */
export interface WebSocketReceiveEvent extends OfType<"websocket.receive"> {
  /** A binary message. */
  readonly bytes?: Uint8Array | null;
  /** A text message. */
  readonly text?: string | null;
}

/** The connection is over. Comes as often as it is asked for. */
export interface WebSocketDisconnectEvent extends OfType<"websocket.disconnect"> {
  /** 1005 if the client gave none, 1006 for an end without a closing handshake. */
  readonly code?: number;
  /** `""` if the client gave none. */
  readonly reason?: string | null;
}

/** Before the first request: to be answered by complete or failed. */
export type LifespanStartupEvent = OfType<"lifespan.startup">;

/** After the last response: to be answered by complete or failed. */
export type LifespanShutdownEvent = OfType<"lifespan.shutdown">;

/** What `send` takes, told apart by `type`; which, the scope decides. */
export type AsgiSendEvent =
  | HttpResponseStartEvent
  | HttpResponseBodyEvent
  | HttpResponseEarlyHintEvent
  | HttpResponseTrailersEvent
  | HttpResponsePathSendEvent
  | HttpResponseZeroCopySendEvent
  | WebSocketAcceptEvent
  | WebSocketSendEvent
  | WebSocketCloseEvent
  | WebSocketResponseStartEvent
  | WebSocketResponseBodyEvent
  | LifespanCompleteEvent
  | LifespanFailedEvent;

/** What every response begins with. */
export interface ResponseStart {
  /** From 200 to 599. */
  readonly status: number;
  /** Default: none. */
  readonly headers?: AsgiHeaders;
  /** With `dram.capabilities`; default: the usual one. */
  readonly reason?: string;
}

/** A part of a response body. */
export interface ResponseBody {
  /** Nothing is an empty part. */
  readonly body?: Uint8Array;
  /** Default false: this is the last part, and what follows is ignored. */
  readonly more_body?: boolean;
}

/** Status and headers; they leave with the first part of the body. */
export interface HttpResponseStartEvent extends OfType<"http.response.start">, ResponseStart {
  /** Trailers follow the body. */
  readonly trailers?: boolean;
}

/** A part of the body, taken before `send` resolves. */
export type HttpResponseBodyEvent = OfType<"http.response.body"> & ResponseBody;

/** Sends 103 with these `Link` values, after the start and before anything else has left. */
export interface HttpResponseEarlyHintEvent extends OfType<"http.response.early_hint"> {
  /** Values of `Link` (RFC 8288), one a field. */
  readonly links: readonly Uint8Array[];
}

/** Trailers, behind the last part of a body whose start has announced them. */
export interface HttpResponseTrailersEvent extends OfType<"http.response.trailers"> {
  /** Default: none. */
  readonly headers?: AsgiHeaders;
  /** Default false: these are the last ones. */
  readonly more_trailers?: boolean;
}

/** The whole body is what a file holds. */
export interface HttpResponsePathSendEvent extends OfType<"http.response.pathsend"> {
  /** Absolute. */
  readonly path: string;
}

/** A part of the body is what a file holds; closing the file stays the application's. */
export interface HttpResponseZeroCopySendEvent extends OfType<"http.response.zerocopysend"> {
  /** Open until `send` has resolved. */
  readonly file: AsgiFile;
  /** Bytes from its start; default: its position. */
  readonly offset?: number;
  /** Bytes; default: all that is left. */
  readonly count?: number;
  /** Default false: this is the last part. */
  readonly more_body?: boolean;
}

/** In place of Python's file descriptor. */
export interface AsgiFile {
  /** At most `size` bytes; empty at the end. */
  read(size: number): Uint8Array | Promise<Uint8Array>;
  /** Needed for an `offset`. */
  seek?(position: number): unknown;
}

/** Completes the handshake. */
export interface WebSocketAcceptEvent extends OfType<"websocket.accept"> {
  /** One of those in the scope; default: none. */
  readonly subprotocol?: string | null;
  /** Further ones of the handshake; none of `Sec-WebSocket-*`. */
  readonly headers?: AsgiHeaders;
}

/** A message; exactly one of both is there. */
export interface WebSocketSendEvent extends OfType<"websocket.send"> {
  /** A binary message. */
  readonly bytes?: Uint8Array | null;
  /** A text message. */
  readonly text?: string | null;
}

/** Before accept it denies with 403. */
export interface WebSocketCloseEvent extends OfType<"websocket.close"> {
  /** Default 1000. */
  readonly code?: number;
  /** At most 123 bytes of UTF-8; default: none. */
  readonly reason?: string | null;
}

/** Denies a handshake, with the extension `websocket.http.response`. */
export type WebSocketResponseStartEvent = OfType<"websocket.http.response.start"> & ResponseStart;

/** A part of the body of a denial. */
export type WebSocketResponseBodyEvent = OfType<"websocket.http.response.body"> & ResponseBody;

/** The application has done what the event asked for. */
export type LifespanCompleteEvent = OfType<
  "lifespan.startup.complete" | "lifespan.shutdown.complete"
>;

/** The application could not; at startup nothing is served then. */
export interface LifespanFailedEvent
  extends OfType<"lifespan.startup.failed" | "lifespan.shutdown.failed"> {
  /** For the log. */
  readonly message?: string;
}
