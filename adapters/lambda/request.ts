import type { Capabilities, GatewayResponse, RequestLine } from "../../core/mod.ts";
import type { EncodedBody } from "./body.ts";
import type { JsonObject } from "./event.ts";
import type { Limits } from "./limits.ts";

/** What a source tells of a request, read from its event. */
export interface LambdaRequest extends Omit<RequestLine, "waitUntil" | "errors"> {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: string | undefined;
  /** Whom AWS itself has authenticated. */
  readonly remoteUser?: string | undefined;
  /** A client certificate that AWS has verified (mutual TLS), as the event has it. */
  readonly certificate?: unknown;
  /** What the source calls the request: a key between its log and ours. */
  readonly id?: string | undefined;
  /** Maps and lists of the event, unchecked. */
  readonly headers?: unknown;
  readonly multiValueHeaders?: unknown;
  readonly cookies?: unknown;
  readonly body?: unknown;
  readonly isBase64Encoded?: unknown;
}

/** The names of what is unchecked in a LambdaRequest, for the error that names one. */
export interface EventPaths {
  readonly headers: string;
  readonly multiValueHeaders: string;
  readonly body: string;
  readonly isBase64Encoded: string;
}

export const PATHS: EventPaths = {
  headers: "headers",
  multiValueHeaders: "multiValueHeaders",
  body: "body",
  isBase64Encoded: "isBase64Encoded",
};

/** Who invokes the function for a request: its events, and the results it takes. */
export interface Source {
  readonly name: string;
  readonly paths: EventPaths;
  readonly limits: Limits;
  readonly capabilities: Capabilities;
  /**
   * The request of an event.
   *
   * @throws {DramError} `ERR_EVENT` for what AWS would not have sent.
   */
  toRequest(event: JsonObject): LambdaRequest;
  /**
   * The result for a whole response.
   *
   * @param warn Writes a line, once for all requests.
   */
  toResult(response: GatewayResponse, body: EncodedBody, warn: (message: string) => void): unknown;
  /** The head of a streamed response; absent where nothing is streamed. */
  toPrelude?(response: GatewayResponse): JsonObject;
}

/** What the gateway can do where the platform wants the whole response. */
export const BUFFERED: Capabilities = Object.freeze({
  streaming: false,
  reason: false,
  // Lambda does not tell that a client has left.
  disconnect: false,
  trailers: false,
  earlyHints: false,
  // Events and results are JSON text.
  latin1Headers: false,
  rawTarget: false,
});

/** And where the result has a place for the reason phrase. */
export const WITH_REASON: Capabilities = Object.freeze({ ...BUFFERED, reason: true });

export const STREAMING: Capabilities = Object.freeze({ ...BUFFERED, streaming: true });
