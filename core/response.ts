import { asDramError, type ErrorCode, explain } from "./errors.ts";
import { LineErrors } from "./errorstream.ts";
import type { Gateway } from "./gateway.ts";
import { reasonOf } from "./reasons.ts";
import type { ErrorStream, HeaderList } from "./types.ts";

/** What `run` makes of an exchange, for an adapter to turn into its platform's response. */
export interface GatewayResponse {
  /** 200 to 599. */
  readonly status: number;
  /** May be empty. */
  readonly reason: string;
  /**
   * The gateway's own list; the adapter may change it. It holds Content-Length where the
   * application gave it, and where it is known though the body is no complete one.
   */
  readonly headers: HeaderList;
  /** Bytes of the body that GET would have; `undefined` if not known, and for a text. */
  readonly length: number | undefined;
  /**
   * `null`: this response has no body (HEAD, 204, 205, 304). A string: a complete body, to be
   * encoded as UTF-8. An array: a complete body in chunks, at no cost of a promise. Otherwise it
   * is still being produced.
   */
  readonly body: null | string | readonly Uint8Array[] | BodyStream;
  /** This is an error page, and not for what the client has done. */
  readonly failed?: true;
  /** The platform's own response, to be sent instead; then `body` is `null`. Only for a `nativeBody`. */
  readonly native?: NativeResponse;
}

/** A response of the platform's own kind that an application has answered with. */
export interface NativeResponse {
  /** What `nativeBody` was given: of a kind that the adapter has to check. */
  readonly response: object;
  /** To be sent as it is; if false, only its body is, under the head of the `GatewayResponse`. */
  readonly isWhole: boolean;
}

/** A body still being produced. The adapter pulls until `null`, an error, or its client leaves. */
export interface BodyStream {
  /**
   * The next non-empty chunk, when it is there; `null` at the end. Asking is the back-pressure: a
   * chunk is produced only then, and the one before is taken as sent. Not to be called twice at once.
   *
   * @throws What broke the body, already logged: abort the transport, never end it cleanly.
   */
  next(): Promise<Uint8Array | null>;
  /** The client has left, or the transport broke: ends the body at once. Safe at any time, and twice. */
  cancel(): void;
}

/** Whether a body is still being produced. */
export function isStream(body: GatewayResponse["body"]): body is BodyStream {
  return body !== null && typeof body !== "string" && "next" in body;
}

/**
 * The response to a request that is refused before an application sees it: an adapter's answer to
 * what `createEnviron` and `RequestFields` throw. Writes one line to the log.
 */
export function refuse(
  error: unknown,
  gateway: Gateway,
  log: ErrorStream = gateway.errors,
): GatewayResponse {
  new LineErrors(log).write(`dram: request refused: ${explain(error)}\n`);
  return errorResponse(error, false);
}

/**
 * The page for an error that nobody caught: a client's fault and a limit of the platform are told,
 * anything else is `Internal Server Error` and no more, unless `debug`.
 */
export function errorResponse(error: unknown, debug: boolean): GatewayResponse {
  const { status, blame, code } = asDramError(error) ?? UNKNOWN;
  const reason = reasonOf(status);
  const detail = blame === "client" || TOLD.has(code) || debug ? `: ${messageOf(error)}` : "";
  return {
    status,
    reason,
    headers: [
      ["Content-Type", "text/plain; charset=utf-8"],
      // The detail may quote the request.
      ["X-Content-Type-Options", "nosniff"],
    ],
    length: undefined,
    body: `${reason}${detail}\n`,
    ...(blame === "client" ? {} : { failed: true as const }),
  };
}

const UNKNOWN = { status: 500, blame: "application", code: "ERR_APPLICATION" } as const;

/** The limits of the platform, which a client may know. */
const TOLD: ReadonlySet<ErrorCode> = new Set(["ERR_DEADLINE", "ERR_RESPONSE_TOO_LARGE"] as const);

function messageOf(error: unknown): string {
  return asDramError(error)?.message ?? explain(error).replaceAll(" | ", "\n    ");
}
