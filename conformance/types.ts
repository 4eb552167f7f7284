import type { Application, HeaderList, WebSocketHandlers } from "../core/mod.ts";

/** One rule of the contract as an application and what a client must see of it. */
export interface Case {
  /** `E03`: a letter for the group (environ, input, response head, body, extensions) and a number. */
  readonly id: string;
  /** A fact: `PATH_INFO is decoded`. */
  readonly name: string;
  /** What a target lacks that lacks one of these makes the case not apply. */
  readonly needs?: readonly Feature[];
  /** Runs in the target, behind its gateway. */
  readonly application: Application;
  /** Runs in the target, too, for a handshake. */
  readonly websocket?: WebSocketHandlers;
  /** Runs beside the client. Throws what is wrong. */
  exchange(client: Client): Promise<void>;
  /** How often the gateway calls the application, or `connect`; default: once for each request. */
  readonly calls?: number;
}

/**
 * What not every target has: the members of `dram.capabilities`, and
 *
 * - `wire`: an HTTP/1.1 connection to send bytes on;
 * - `concurrency`: requests in flight together in one process or isolate;
 * - `sharedProcess`: one request after the other in one process or isolate;
 * - `malformedEscapes`: a path with a malformed percent escape reaches the application; a web server
 *   in front refuses it with 400;
 * - `emptySegments`: `/a//b` reaches the application; elsewhere it is `/a/b` already;
 * - `dotSegments`: `/a/../b` reaches the application; elsewhere it is `/b` already;
 * - `forwarded`: X-Forwarded-Proto of the client reaches the application; a proxy in front puts its
 *   own in its place;
 * - `rawQuery`: QUERY_STRING is byte for byte what was sent; elsewhere the parameters are;
 * - `multiHeaders`: every field of a repeated request header arrives; elsewhere the last one;
 * - `cookieCrumbs`: repeated Cookie headers arrive apart; elsewhere joined with a comma;
 * - `continue`: `Expect: 100-continue` is answered; elsewhere a client sends its body on its own;
 * - `chunkedRequest`: a request body of unknown length; elsewhere it arrives with its length;
 * - `getBody`: the body of a GET reaches the application; elsewhere it is empty;
 * - `websocket`: WebSockets, by this suite's `websocket` beside its `application`;
 * - `bodyBreak`: the client sees that a body without Content-Length broke off;
 * - `framing`: the Content-Length that a gateway knows of reaches the client, though the
 *   application gave none;
 * - `headLength`: the answer to HEAD has the Content-Length that the application gave it;
 * - `repeatedHeaders`: two fields of one name in a response stay two; elsewhere the first arrives;
 * - `nativeRequest`: `environ["dram.native_request"](environ)` gives the platform's own request.
 */
export type Feature =
  | "streaming"
  | "reason"
  | "disconnect"
  | "trailers"
  | "earlyHints"
  | "latin1Headers"
  | "rawTarget"
  | "malformedEscapes"
  | "emptySegments"
  | "dotSegments"
  | "forwarded"
  | "rawQuery"
  | "multiHeaders"
  | "cookieCrumbs"
  | "continue"
  | "wire"
  | "concurrency"
  | "sharedProcess"
  | "chunkedRequest"
  | "getBody"
  | "websocket"
  | "bodyBreak"
  | "framing"
  | "headLength"
  | "repeatedHeaders"
  | "nativeRequest";

/** A way to a gateway that runs the application of this suite. */
export interface Transport {
  /** Resolves with the head of the answer; its body may still be coming. */
  send(request: Request): Promise<Reply>;
  /** A connection to send bytes on, where the target speaks HTTP/1.1 on a socket. */
  connect?(): Promise<Connection>;
}

/** A running gateway, and what is known of it. */
export interface Target extends Transport {
  /** For reports: `node`. */
  readonly name: string;
  /** How `navigator.userAgent` begins where the application runs. */
  readonly runtime: string;
  /** Part of SERVER_SOFTWARE, which tells the gateway. */
  readonly software: string;
  /** `https://localhost:8443`: what `applicationUri` gives at the root of the server. */
  readonly origin: string;
  /** SERVER_PROTOCOL; default `HTTP/1.1`. */
  readonly protocol?: string;
  /** The gateway's mount point; default `""`. */
  readonly mount?: string;
  /**
   * A server that passes requests on to the gateway, which does not know of it: the gateway's
   * capabilities may then promise what is lacking.
   */
  readonly front?: string;
  /** Bytes of the largest request body that the platform takes; default: no limit. */
  readonly maxBody?: number;
  /** What this target does not have, each with the reason. */
  readonly lacks: Readonly<Partial<Record<Feature, string>>>;
  /** Lines of the gateway's log so far. */
  readonly log?: readonly string[];
}

/** What a client sends. */
export interface Request {
  /** Default `GET`. */
  readonly method?: string;
  /** The request target, sent as it is. */
  readonly path: string;
  /** Sent as bytes, U+0000 to U+00FF, in this order. */
  readonly headers?: HeaderList;
  /**
   * Bytes are sent with their Content-Length. Chunks of an iterable are sent as they come, without
   * one unless it is given.
   */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
}

/** What a client gets. */
export interface Reply {
  /** Of the final response. */
  readonly status: number;
  /** `""` where the target does not carry it. */
  readonly reason: string;
  /** Names in lower case, values as bytes U+0000 to U+00FF, in the order they came. */
  readonly headers: HeaderList;
  /** Interim responses before this one. */
  readonly interim: readonly { readonly status: number; readonly headers: HeaderList }[];
  /** As they arrive. Throws if the body breaks off. Iterated at most once. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Fields behind the body; complete when `chunks` has ended. */
  readonly trailers: HeaderList;
  /** Breaks the connection off, as a client that loses interest does. */
  leave(): void;
}

/** One HTTP/1.1 connection as bytes, U+0000 to U+00FF each. */
export interface Connection {
  /** Sends bytes. */
  write(bytes: string): void;
  /** Nothing more is sent; the other direction stays open. */
  end(): void;
  /**
   * Everything received since the connection was opened, as soon as it matches or the other side
   * has closed.
   *
   * @throws {Error} After `within` milliseconds (default 5000).
   */
  received(pattern: RegExp, within?: number): Promise<string>;
  /** Everything received, when the other side has closed. */
  closed(within?: number): Promise<string>;
  /** Closes it at once. */
  destroy(): void;
}

/** The client of one exchange: its requests reach the application of its case. */
export interface Client {
  /** What it is a client of. */
  readonly target: Target;
  /** Whether the target has said that it lacks this. */
  lacks(feature: Feature): boolean;
  /** Sends a request below the target's mount point. */
  send(request: Request): Promise<Reply>;
  /** Sends a request that the gateway has to answer itself, without a call of the application. */
  sendRefused(request: Request): Promise<Reply>;
  /** What the application has noted during this run so far. Counts as no request. */
  notes(): Promise<readonly string[]>;
  /**
   * Opens a connection to send bytes on.
   *
   * @throws {Error} Where there is none; such a case needs `wire`.
   */
  connect(): Promise<Connection>;
  /** The head of an HTTP/1.1 request to this case, for `connect`. */
  head(method: string, path: string, headers?: HeaderList): string;
}

/** `test` of any test runner: a name, and what throws or rejects if it fails. */
export type Register = (name: string, run: () => Promise<void>) => unknown;

/** How one case went. */
export interface Outcome {
  /** Of the case. */
  readonly id: string;
  /** Of the case. */
  readonly name: string;
  /** How it went. */
  readonly result: "passed" | "failed" | "not applicable";
  /** Why it failed, or does not apply. */
  readonly reason?: string;
}
