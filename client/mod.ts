import { lint, stressed } from "../core/lint.ts";
import {
  type Application,
  extensionOf,
  type GatewayOptions,
  type WebSocketOptions,
} from "../core/mod.ts";
import { CookieJar } from "./cookies.ts";
import { Exchanges } from "./exchange.ts";
import { type ClientWebSocketInit, handshakeFields, WebSocketDeniedError } from "./handshake.ts";
import { nextRequest } from "./redirect.ts";
import { type ClientInit, type Outgoing, toOutgoing } from "./request.ts";
import type { ClientSocket } from "./socket.ts";
import { type Opening, Sockets } from "./sockets.ts";

export { CookieJar } from "./cookies.ts";
export { type ClientWebSocketInit, WebSocketDeniedError } from "./handshake.ts";
export type { ClientInit } from "./request.ts";
export type { ClientSocket, ClosedSocket } from "./socket.ts";

/** The options of every adapter but `errors`, which the client keeps in `log`, and those of WebSockets. */
export interface ClientOptions extends Omit<GatewayOptions, "errors">, WebSocketOptions {
  /** Watch both sides of the interface; a breach rejects the call. Default true; or options of `lint`. */
  lint?: boolean | { readonly stress?: boolean };
  /** What paths are relative to, and the host and scheme that the application sees. Default `http://localhost`. */
  baseUrl?: string;
  /** Sent with every request that does not say otherwise. */
  headers?: Readonly<Record<string, string>>;
  /** Cookies to begin with, by name; `false` for a client that keeps none. */
  cookies?: Readonly<Record<string, string>> | false;
  /**
   * What becomes of an error that the application does not catch before its headers leave: the call
   * rejects with that very error (default), or resolves with the 500 that a client would get.
   */
  onError?: "reject" | "respond";
}

/** A client of one application, without a network between them. */
export interface Client {
  /**
   * As the global `fetch`: a path, a URL or a `Request`; resolves when the headers are there, and the
   * body streams. Redirects are followed within the host, cookies kept, `signal` is `dram.signal`.
   *
   * @throws What the application throws; `LintError`; `TypeError` for a redirect that is not followed;
   *   the signal's reason.
   */
  fetch(target: string | URL | Request, init?: ClientInit): Promise<Response>;
  /** `fetch` with GET, whatever `init.method` says. */
  get(target: string | URL, init?: ClientInit): Promise<Response>;
  /** `fetch` with HEAD, whatever `init.method` says. */
  head(target: string | URL, init?: ClientInit): Promise<Response>;
  /** `fetch` with POST, whatever `init.method` says. */
  post(target: string | URL, init?: ClientInit): Promise<Response>;
  /** `fetch` with PUT, whatever `init.method` says. */
  put(target: string | URL, init?: ClientInit): Promise<Response>;
  /** `fetch` with PATCH, whatever `init.method` says. */
  patch(target: string | URL, init?: ClientInit): Promise<Response>;
  /** `fetch` with DELETE, whatever `init.method` says. */
  delete(target: string | URL, init?: ClientInit): Promise<Response>;
  /**
   * Opens a WebSocket, as a browser does: resolves when the application has accepted. With lint on,
   * an attachment that cannot be cloned closes it with 1011, as a Durable Object would.
   *
   * @throws {WebSocketDeniedError} With the response that denies it. What `connect` throws.
   */
  websocket(target: string | URL, init?: ClientWebSocketInit): Promise<ClientSocket>;
  /** Kept between calls; empty for good with `cookies: false`. */
  readonly cookies: CookieJar;
  /** What the application has written to `wsgi.errors`, and the gateway's own lines, without their ends. */
  readonly log: readonly string[];
  /**
   * Leaves whatever is still under way, and waits for it to end: bodies to be closed, WebSockets, what
   * was given to `dram.wait_until`, stress mode, an application's own shutdown.
   *
   * @throws The first error of these, which no call could throw.
   */
  close(): Promise<void>;
}

/**
 * Makes a client for tests: requests in, standard `Response` objects out, with lint on.
 *
 * @throws {DramError} `ERR_OPTION` for a malformed option.
 */
export function client(application: Application, options: ClientOptions = {}): Client {
  const { lint: linting = true, baseUrl = "http://localhost", headers, cookies = {} } = options;
  const target =
    linting === false ? application : lint(application, linting === true ? {} : linting);
  const extension = extensionOf(application, options);
  const exchanges = new Exchanges(target, options);
  let sockets: Sockets | undefined;
  const jar = new CookieJar();
  const base = new URL(baseUrl);
  for (const [name, value] of Object.entries(cookies)) {
    jar.store(base, [`${name}=${value}; Path=/`]);
  }

  async function exchange(outgoing: Outgoing, opening?: Opening): Promise<Response> {
    const { url, keepsCookies } = outgoing;
    const isKept = keepsCookies && cookies !== false;
    const response = await exchanges.send(outgoing, isKept ? jar.header(url) : "", opening);
    if (isKept) {
      jar.store(url, response.headers.getSetCookie());
    }
    return response;
  }

  async function fetch(to: string | URL | Request, init: ClientInit = {}): Promise<Response> {
    let outgoing = await toOutgoing(to, init, base, headers);
    for (let count = 0; ; count++) {
      const response = await exchange(outgoing);
      const next = nextRequest(outgoing, response, count);
      if (next === undefined) {
        return response;
      }
      await response.body?.cancel();
      outgoing = next;
    }
  }

  async function websocket(
    to: string | URL,
    init: ClientWebSocketInit = {},
  ): Promise<ClientSocket> {
    sockets ??= new Sockets(extension, linting !== false);
    const opening = sockets.begin();
    const { environ = {} } = init;
    const request = { headers: handshakeFields(init), environ };
    const response = await exchange(await toOutgoing(to, request, base, headers), opening);
    const socket = opening.socket();
    if (socket === undefined) {
      throw new WebSocketDeniedError(response);
    }
    return socket;
  }

  const method =
    (name: string) =>
    (to: string | URL, init?: ClientInit): Promise<Response> =>
      fetch(to, { ...init, method: name });

  return {
    fetch,
    get: method("GET"),
    head: method("HEAD"),
    post: method("POST"),
    put: method("PUT"),
    patch: method("PATCH"),
    delete: method("DELETE"),
    websocket,
    cookies: jar,
    log: exchanges.log,
    async close() {
      await exchanges.close();
      await sockets?.close();
      await stressed(target);
      await extension.lifespan?.shutdown();
    },
  };
}
