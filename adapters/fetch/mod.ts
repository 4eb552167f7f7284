import {
  type Application,
  createGateway,
  type Environ,
  type Gateway,
  type GatewayOptions,
  type GatewayResponse,
  isHandshake,
  type Platform,
  refuse,
  run,
} from "../../core/mod.ts";
import { toEnviron } from "./environ.ts";
import { fromNative } from "./native.ts";
import { fromResponse, responseParts } from "./response.ts";

export { answerHandshake, type SocketPlatform } from "./handshake.ts";
export {
  cancelOnAbort,
  completeBody,
  fromResponse,
  onAbort,
  type ResponseParts,
  responseParts,
  streamedBody,
  toHeaders,
  toReadable,
  unshared,
} from "./response.ts";

/**
 * Makes a Fetch API handler of an application, for any runtime that calls one with a `Request`.
 *
 * The answer is a promise only if the application needs one. Workers and Deno have adapters of
 * their own, which know more of the client than a `Request` tells.
 *
 * @throws {DramError} `ERR_OPTION` for a malformed option.
 */
export function toFetch(
  application: Application,
  options: GatewayOptions = {},
): (request: Request) => Response | Promise<Response> {
  const handle = fetchGateway<undefined>(application, createGateway(options, PLATFORM), {
    fromResponse,
  });
  return (request) => handle(request, undefined);
}

/** What a platform knows of the server itself, whatever the client says in its request. */
export interface ServerFacts {
  /** Of its connections. */
  readonly scheme: "http" | "https";
  /** Absent where the server listens on every address. */
  readonly name: string | undefined;
  /** Digits; `""` for a Unix socket. */
  readonly port: string;
}

/** What a platform with a Fetch shape adds: the native values behind the request. */
export interface FetchPlatform<Native> {
  /**
   * The host in a request's URL is what HTTP has for it: the Host header, or the target's in absolute
   * form (RFC 9112 §3.2.2), or `:authority` (RFC 9113 §8.3.1), of which Host tells nothing. Default
   * false: somebody may have made the URL up.
   */
  readonly hostInUrl?: boolean;
  /** The server's own facts, if the platform has any. */
  server?(native: Native): ServerFacts | undefined;
  /**
   * Whether request bodies are the platform's own and not JavaScript's, as undici's are: then
   * `arrayBuffer()`, and blocks that are filled for us, are cheaper than the chunks of a reader. By
   * echoes of 1 kB a second the one is on Deno (17,100 against 9,800) and in workerd (9,500 against
   * 7,500); 1 GiB takes workerd 1.4 s by blocks of 64 KiB, and 10 by its chunks, which have 4. Default
   * false.
   */
  readonly nativeInput?: boolean;
  /** `dram.signal`, if it is not the request's own signal. */
  signal?(native: Native): AbortSignal;
  /** Adds what the platform knows to an environ that has all the request tells. */
  extendEnviron?(environ: Environ, request: Request, native: Native): void;
  /** The platform's way to send. */
  fromResponse(response: GatewayResponse, request: Request, native: Native): Response;
  /** Takes the requests for a WebSocket, where somebody can. */
  upgrade?: ((environ: Environ, request: Request, native: Native) => Promise<Response>) | undefined;
  /** Status and headers as this platform takes them; default: as every Fetch platform does. */
  responseParts?(response: GatewayResponse): ResponseInit;
  /** `dram.native_response`, where not every `Response` is sent as it is. */
  nativeResponse?: Environ["dram.native_response"];
  /** The platform's way to stay alive for a promise, if it needs one. */
  waitUntil?(promise: Promise<unknown>, native: Native): void;
}

/** The flow of every adapter with a Fetch shape: `toFetch`, and the base of platforms like it. */
export function fetchGateway<Native>(
  application: Application,
  gateway: Gateway,
  platform: FetchPlatform<Native>,
): (request: Request, native: Native) => Response | Promise<Response> {
  const partsOf = platform.responseParts ?? responseParts;
  function send(response: GatewayResponse, request: Request, native: Native): Response {
    return fromNative(response, partsOf) ?? platform.fromResponse(response, request, native);
  }
  return (request, native) => {
    let environ: Environ;
    try {
      environ = toEnviron(request, gateway, platform, native);
    } catch (error) {
      return platform.fromResponse(refuse(error, gateway), request, native);
    }
    if (platform.upgrade !== undefined && isHandshake(environ)) {
      return platform.upgrade(environ, request, native);
    }
    const response = run(application, environ, gateway);
    return response instanceof Promise
      ? response.then((settled) => send(settled, request, native))
      : send(response, request, native);
  };
}

const PLATFORM: Platform = {
  name: "fetch",
  capabilities: Object.freeze({
    streaming: true,
    reason: false,
    disconnect: true,
    trailers: false,
    earlyHints: false,
    latin1Headers: true,
    rawTarget: false,
  }),
  multithread: true,
  multiprocess: true,
  runOnce: false,
  headerDecoding: "latin1",
  // A URL string is Unicode; the bytes above 0x7F that a server left unescaped were UTF-8.
  targetDecoding: "utf8",
  maxBodySize: Number.POSITIVE_INFINITY,
};
