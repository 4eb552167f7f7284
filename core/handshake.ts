import { DramError, describe, quote } from "./errors.ts";
import { run } from "./exchange.ts";
import type { Gateway } from "./gateway.ts";
import { checkHeaders, TOKEN } from "./headers.ts";
import { type GatewayResponse, refuse } from "./response.ts";
import type { WebSocketSession } from "./session.ts";
import type { Application, Environ, HeaderList } from "./types.ts";
import type { WebSocketAcceptance, WebSocketDenial } from "./websocket.ts";

/** What has become of a handshake. */
export type Decision =
  | { readonly accepted: Acceptance; readonly denied?: never }
  /** With the response that denies it, to be sent as that of any request. */
  | { readonly accepted?: never; readonly denied: GatewayResponse };

/** What an accepted handshake is answered with, checked. */
export interface Acceptance {
  /** One of those offered. */
  readonly subprotocol: string | undefined;
  /** Without those of the handshake itself. */
  readonly headers: HeaderList;
}

/** Whether a request asks for a WebSocket, well or badly. */
export function isHandshake(environ: Environ): boolean {
  return environ.REQUEST_METHOD === "GET" && environ.HTTP_UPGRADE?.toLowerCase() === "websocket";
}

/**
 * Checks what a client must send (RFC 6455 §4.2.1), for a platform that does not do so itself.
 *
 * @throws {DramError} `ERR_HANDSHAKE`, for `refuseHandshake`.
 */
export function checkHandshake(environ: Environ): void {
  const { HTTP_SEC_WEBSOCKET_KEY: key = "", HTTP_SEC_WEBSOCKET_VERSION: version = "" } = environ;
  if (
    environ.SERVER_PROTOCOL === "HTTP/1.0" ||
    !listOf(environ.HTTP_CONNECTION).includes("upgrade")
  ) {
    throw malformed(
      `Connection is ${quote(environ.HTTP_CONNECTION ?? "")}; wanted "Upgrade", in HTTP/1.1`,
    );
  }
  // 16 bytes in base64.
  if (!/^[+/0-9A-Za-z]{22}==$/.test(key)) {
    throw malformed(`Sec-WebSocket-Key is ${quote(key)}; wanted 16 bytes in base64`);
  }
  if (version !== "13") {
    throw malformed(`Sec-WebSocket-Version is ${quote(version)}; wanted "13"`);
  }
  const protocols = offered(environ);
  if (!protocols.every((name, index) => TOKEN.test(name) && protocols.indexOf(name) === index)) {
    throw malformed("Sec-WebSocket-Protocol is no list of different tokens");
  }
  if ((environ.CONTENT_LENGTH ?? "0") !== "0") {
    // It would be taken for frames.
    throw malformed("a request for a WebSocket has a body");
  }
}

/** The answer to what `checkHandshake` throws (RFC 6455 §4.4). Writes one line to the log. */
export function refuseHandshake(error: unknown, gateway: Gateway): GatewayResponse {
  const answer = refuse(error, gateway);
  answer.headers.push(["Sec-WebSocket-Version", "13"]);
  return answer;
}

/**
 * Asks `connect`. A denial goes the way of every response: what it says is checked, its body is
 * closed, and an error is answered 500 and logged. Never rejects.
 */
export async function decide(
  session: WebSocketSession,
  environ: Environ,
  gateway: Gateway,
): Promise<Decision> {
  const protocols = offered(environ);
  let accepted: Acceptance | undefined;
  const connect: Application = async (ownEnviron, startResponse) => {
    const answer: unknown = await session.handlers.connect?.(session, ownEnviron);
    if (isDenial(answer)) {
      startResponse(answer.status, answer.headers ?? []);
      return answer.body ?? [];
    }
    accepted = checkAcceptance(answer, protocols, gateway);
    // Never sent: it ends the exchange in good order.
    startResponse("204 No Content", []);
    return [];
  };
  const denied = await run(connect, environ, gateway);
  return accepted === undefined ? { denied } : { accepted };
}

function isDenial(answer: unknown): answer is WebSocketDenial {
  return (
    typeof answer === "object" &&
    answer !== null &&
    "status" in answer &&
    answer.status !== undefined
  );
}

function checkAcceptance(
  answer: unknown,
  protocols: readonly string[],
  gateway: Gateway,
): Acceptance {
  if (answer !== undefined && (typeof answer !== "object" || answer === null)) {
    throw new DramError(
      "ERR_HANDSHAKE_ANSWER",
      `connect returned ${describe(answer)}; wanted nothing, { subprotocol, headers } or { status, headers, body }`,
    );
  }
  const { subprotocol, headers = [] }: WebSocketAcceptance = answer ?? {};
  if (subprotocol !== undefined && !protocols.includes(subprotocol)) {
    throw new DramError(
      "ERR_HANDSHAKE_ANSWER",
      `connect chose the subprotocol ${quote(String(subprotocol))}; the client has offered ${quote(protocols.join(", "))}`,
    );
  }
  const { list, length } = checkHeaders(headers, gateway.hopByHop, "connect");
  const own = list.find(([name]) => /^sec-websocket-/i.test(name));
  if (own !== undefined || length !== undefined) {
    throw new DramError(
      "ERR_HEADER_NAME",
      `connect: ${quote(own?.[0] ?? "Content-Length")} is the gateway's own affair in a handshake; leave it out`,
    );
  }
  return { subprotocol, headers: list };
}

/** The subprotocols of a client, in its order of preference. */
function offered(environ: Environ): string[] {
  const { HTTP_SEC_WEBSOCKET_PROTOCOL: list } = environ;
  return list === undefined ? [] : list.split(",").map((name) => name.trim());
}

function listOf(value: string | undefined): string[] {
  return (value ?? "")
    .toLowerCase()
    .split(",")
    .map((item) => item.trim());
}

function malformed(message: string): DramError {
  return new DramError("ERR_HANDSHAKE", message);
}
