// The interface.

// For adapters.
export { isAddress, plainAddress, splitAddress } from "./address.ts";
// For applications and middleware.
export { closing, json, mapBody, mapWrites, text } from "./body.ts";
export {
  bytesFromNative,
  concat,
  EMPTY,
  encodeUtf8,
  isBytes,
  nativeFromBytes,
  nativeFromText,
  textFromNative,
} from "./bytes.ts";
export { memoize } from "./cache.ts";
export { type CgiGateway, type CgiOptions, createCgiGateway } from "./cgigateway.ts";
export { cgiHead } from "./cgihead.ts";
export { createEnviron, type RequestLine } from "./environ.ts";
export {
  type ApplicationCode,
  type Blame,
  type ClientCode,
  DramError,
  describe,
  type ErrorCode,
  explain,
  type GatewayCode,
  isDisconnect,
  quote,
} from "./errors.ts";
export { consoleErrors, LineErrors } from "./errorstream.ts";
export { run } from "./exchange.ts";
export {
  type ApplicationExtension,
  checkHandlers,
  type ExtendedApplication,
  type Extension,
  extension,
  extensionOf,
  type Lifespan,
  type WebSocketOptions,
} from "./extension.ts";
export {
  checkOption,
  createGateway,
  type Gateway,
  type GatewayOptions,
  isErrorStream,
  type Platform,
} from "./gateway.ts";
export {
  type Acceptance,
  checkHandshake,
  type Decision,
  decide,
  isHandshake,
  refuseHandshake,
} from "./handshake.ts";
export { type CheckedHeaders, checkHeaders, hasHeader, isHopByHop } from "./headers.ts";
export { type ByteSource, Input, type OpenBody, readSome } from "./input.ts";
export { logLine } from "./log.ts";
export { mayHaveInput } from "./mayhaveinput.ts";
export { type CgiEnviron, type CgiRequest, createCgiEnviron } from "./metavariables.ts";
export { mount, shiftPathInfo } from "./mount.ts";
export { nativeBody, type SaidResponse } from "./nativebody.ts";
export { type ForwardedFacts, trustedHops } from "./proxy.ts";
export { reasonOf } from "./reasons.ts";
export { RequestFields } from "./requestfields.ts";
export { requestHeaders } from "./requestheaders.ts";
export {
  type BodyStream,
  errorResponse,
  type GatewayResponse,
  isStream,
  type NativeResponse,
  refuse,
} from "./response.ts";
export { type Entry, Roster } from "./roster.ts";
export { serialize } from "./serialize.ts";
export { type SessionOptions, WebSocketSession, type WebSocketTransport } from "./session.ts";
export { type CutUrl, cutUrl, isHost, splitHost } from "./target.ts";
export { isThenable } from "./thenable.ts";
export { acceptsTrailers, checkTrailers } from "./trailers.ts";
export type {
  Application,
  Body,
  Capabilities,
  Environ,
  ErrorStream,
  FileLike,
  FileWrapper,
  HeaderList,
  InputStream,
  Middleware,
  StartResponse,
  Write,
} from "./types.ts";
export { applicationUri, requestOrigin, requestTarget, requestUri } from "./uri.ts";
export type {
  WebSocketAcceptance,
  WebSocketAnswer,
  WebSocketConnection,
  WebSocketData,
  WebSocketDenial,
  WebSocketHandlers,
} from "./websocket.ts";
export { wholeSource } from "./wholesource.ts";
