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

export type AsgiScope = HttpScope | WebSocketScope | LifespanScope;

/** Names in lower case, values as they were sent, both bytes; order and repeated fields kept. */
export type AsgiHeaders = readonly (readonly [name: Uint8Array, value: Uint8Array])[];

export interface AsgiVersions {
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

interface ConnectionScope {
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
  readonly headers: AsgiHeaders;
  readonly client?: readonly [host: string, port: number] | null;
  /** The port is `null` for a Unix socket, whose path is the host then. */
  readonly server?: readonly [host: string, port: number | null] | null;
  /** What the application has left in the state of its lifespan: a copy for each scope. */
  readonly state?: Record<string, unknown>;
  readonly extensions?: AsgiExtensions;
}

export interface HttpScope extends ConnectionScope {
  readonly type: "http";
  /** In upper case. */
  readonly method: string;
  /** Default `http`. */
  readonly scheme?: string;
}

export interface WebSocketScope extends ConnectionScope {
  readonly type: "websocket";
  /** Default `ws`. */
  readonly scheme?: string;
  /** What the client offers, in its order. */
  readonly subprotocols?: readonly string[];
}

export interface LifespanScope {
  readonly type: "lifespan";
  readonly asgi: AsgiVersions;
  /** For the application to fill before it says that its startup is complete. */
  readonly state?: Record<string, unknown>;
}

export type AsgiReceiveEvent =
  | HttpRequestEvent
  | HttpDisconnectEvent
  | WebSocketConnectEvent
  | WebSocketReceiveEvent
  | WebSocketDisconnectEvent
  | LifespanStartupEvent
  | LifespanShutdownEvent;

/** A part of the request body. */
export interface HttpRequestEvent {
  readonly type: "http.request";
  readonly body?: Uint8Array;
  /** Default false: this is the last part. */
  readonly more_body?: boolean;
}

/** The client has left, or the response is complete. Comes as often as it is asked for. */
export interface HttpDisconnectEvent {
  readonly type: "http.disconnect";
}

/** The first event of a WebSocket: to be answered by accept, close or a response. */
export interface WebSocketConnectEvent {
  readonly type: "websocket.connect";
}

/** A message; exactly one of both is there. */
export interface WebSocketReceiveEvent {
  readonly type: "websocket.receive";
  readonly bytes?: Uint8Array | null;
  readonly text?: string | null;
}

/** The connection is over. Comes as often as it is asked for. */
export interface WebSocketDisconnectEvent {
  readonly type: "websocket.disconnect";
  /** 1005 if the client gave none, 1006 for an end without a closing handshake. */
  readonly code?: number;
  readonly reason?: string | null;
}

export interface LifespanStartupEvent {
  readonly type: "lifespan.startup";
}

export interface LifespanShutdownEvent {
  readonly type: "lifespan.shutdown";
}

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

interface ResponseStart {
  readonly status: number;
  readonly headers?: AsgiHeaders;
  /** With `dram.capabilities`; default: the usual one. */
  readonly reason?: string;
}

interface ResponseBody {
  readonly body?: Uint8Array;
  /** Default false: this is the last part, and what follows is ignored. */
  readonly more_body?: boolean;
}

/** Status and headers; they leave with the first part of the body. */
export interface HttpResponseStartEvent extends ResponseStart {
  readonly type: "http.response.start";
  /** Trailers follow the body. */
  readonly trailers?: boolean;
}

export interface HttpResponseBodyEvent extends ResponseBody {
  readonly type: "http.response.body";
}

/** Sends 103 with these `Link` values, after the start and before anything else has left. */
export interface HttpResponseEarlyHintEvent {
  readonly type: "http.response.early_hint";
  readonly links: readonly Uint8Array[];
}

export interface HttpResponseTrailersEvent {
  readonly type: "http.response.trailers";
  readonly headers?: AsgiHeaders;
  readonly more_trailers?: boolean;
}

/** The whole body is what a file holds. */
export interface HttpResponsePathSendEvent {
  readonly type: "http.response.pathsend";
  readonly path: string;
}

/** A part of the body is what a file holds; closing the file stays the application's. */
export interface HttpResponseZeroCopySendEvent {
  readonly type: "http.response.zerocopysend";
  readonly file: AsgiFile;
  /** Bytes from its start; default: its position. */
  readonly offset?: number;
  /** Bytes; default: all that is left. */
  readonly count?: number;
  readonly more_body?: boolean;
}

/** In place of Python's file descriptor. */
export interface AsgiFile {
  /** At most `size` bytes; empty at the end. */
  read(size: number): Uint8Array | Promise<Uint8Array>;
  /** Needed for an `offset`. */
  seek?(position: number): unknown;
}

export interface WebSocketAcceptEvent {
  readonly type: "websocket.accept";
  readonly subprotocol?: string | null;
  readonly headers?: AsgiHeaders;
}

/** A message; exactly one of both is there. */
export interface WebSocketSendEvent {
  readonly type: "websocket.send";
  readonly bytes?: Uint8Array | null;
  readonly text?: string | null;
}

/** Before accept it denies with 403. */
export interface WebSocketCloseEvent {
  readonly type: "websocket.close";
  /** Default 1000. */
  readonly code?: number;
  readonly reason?: string | null;
}

/** Denies a handshake, with the extension `websocket.http.response`. */
export interface WebSocketResponseStartEvent extends ResponseStart {
  readonly type: "websocket.http.response.start";
}

export interface WebSocketResponseBodyEvent extends ResponseBody {
  readonly type: "websocket.http.response.body";
}

export interface LifespanCompleteEvent {
  readonly type: "lifespan.startup.complete" | "lifespan.shutdown.complete";
}

export interface LifespanFailedEvent {
  readonly type: "lifespan.startup.failed" | "lifespan.shutdown.failed";
  readonly message?: string;
}
