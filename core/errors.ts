/** Who has to change something: the application, the client, or the gateway and its deployer. */
export type Blame = "application" | "client" | "gateway";

/** Stable: part of the public interface, unlike the message. */
export type ErrorCode = ApplicationCode | ClientCode | GatewayCode;

/** What an application, or middleware, has done wrong. */
export type ApplicationCode =
  | "ERR_APPLICATION"
  | "ERR_ASGI_EVENT"
  | "ERR_ASGI_SCOPE"
  | "ERR_ATTACHMENT"
  | "ERR_BODY_TYPE"
  | "ERR_CHUNK_TYPE"
  | "ERR_CLOSED"
  | "ERR_CLOSE_CODE"
  | "ERR_CLOSE_TIMEOUT"
  | "ERR_CONTENT_LENGTH"
  | "ERR_HANDSHAKE_ANSWER"
  | "ERR_HEADERS"
  | "ERR_HEADER_NAME"
  | "ERR_HEADER_VALUE"
  | "ERR_HOP_BY_HOP"
  | "ERR_JSON"
  | "ERR_LIFESPAN"
  | "ERR_LINT"
  | "ERR_MESSAGE_SIZE"
  | "ERR_MESSAGE_TYPE"
  | "ERR_NOT_OPEN"
  | "ERR_NOT_STARTED"
  | "ERR_PYTHON"
  | "ERR_READ_SIZE"
  | "ERR_STARTED_TWICE"
  | "ERR_STATUS";

/** What a client has done wrong. */
export type ClientCode =
  | "ERR_BODY_TOO_LARGE"
  | "ERR_CLIENT_DISCONNECTED"
  | "ERR_FRAMING"
  | "ERR_HANDSHAKE"
  | "ERR_HOST"
  | "ERR_METHOD"
  | "ERR_NOT_MOUNTED"
  | "ERR_REQUEST_HEADER"
  | "ERR_REQUEST_HEADERS_TOO_LARGE"
  | "ERR_TARGET";

/** What the gateway, its platform or its deployer is at fault for. */
export type GatewayCode =
  | "ERR_ABORTED"
  | "ERR_CONNECTION_API"
  | "ERR_DEADLINE"
  | "ERR_EVENT"
  | "ERR_OPTION"
  | "ERR_RESPONSE_TOO_LARGE"
  | "ERR_WORKER";

/** What a client's own fault is answered with. */
const CLIENT_STATUS = {
  ERR_BODY_TOO_LARGE: 413,
  ERR_CLIENT_DISCONNECTED: 400,
  ERR_FRAMING: 400,
  ERR_HANDSHAKE: 400,
  ERR_HOST: 400,
  ERR_METHOD: 400,
  ERR_NOT_MOUNTED: 404,
  ERR_REQUEST_HEADER: 400,
  ERR_REQUEST_HEADERS_TOO_LARGE: 431,
  ERR_TARGET: 400,
} as const satisfies Record<ClientCode, number>;

/** What the limits of the platform, or the way the gateway was set up, are answered with. */
const GATEWAY_STATUS = {
  /** The gateway itself has ended an exchange, because it stops or has waited too long. */
  ERR_ABORTED: 503,
  /** The platform has refused to send a message or to close a connection. */
  ERR_CONNECTION_API: 500,
  ERR_DEADLINE: 504,
  ERR_EVENT: 500,
  ERR_OPTION: 500,
  ERR_RESPONSE_TOO_LARGE: 500,
  /** The process that runs the application has died. */
  ERR_WORKER: 502,
} as const satisfies Record<GatewayCode, number>;

/** Every error that dram raises itself. The message names the thing, what was found and what was wanted. */
export class DramError extends Error {
  /** What went wrong, for programs. */
  readonly code: ErrorCode;
  /** Whose fault it is. */
  readonly blame: Blame;
  /** The HTTP status that an uncaught error of this code is answered with. */
  readonly status: 400 | 404 | 413 | 431 | 500 | 502 | 503 | 504;

  /**
   * An error of dram's.
   *
   * @param code What went wrong.
   * @param message Prose, in one line; values from outside go through `quote`.
   * @param options `cause`: the platform's own error, if there is one.
   */
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "DramError";
    this.code = code;
    if (isCodeOf(CLIENT_STATUS, code)) {
      this.blame = "client";
      this.status = CLIENT_STATUS[code];
    } else if (isCodeOf(GATEWAY_STATUS, code)) {
      this.blame = "gateway";
      this.status = GATEWAY_STATUS[code];
    } else {
      this.blame = "application";
      this.status = 500;
    }
  }
}

function isCodeOf<Table extends object>(table: Table, code: string): code is keyof Table & string {
  return code in table;
}

/** Whether an error says that the client left: nobody is to blame, and nothing to be logged as a fault. */
export function isDisconnect(error: unknown): boolean {
  return asDramError(error)?.code === "ERR_CLIENT_DISCONNECTED";
}

/** Narrows anything that was thrown; even `instanceof` runs code of a hostile Proxy, which may throw. */
export function asDramError(error: unknown): DramError | undefined {
  try {
    return error instanceof DramError ? error : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Quotes text from outside for a message: at most 80 characters, printable ASCII only, so that
 * it can neither break a log line nor steer a terminal.
 */
export function quote(text: string): string {
  const cut = text.length > 80 ? `${text.slice(0, 80)}...` : text;
  return escapeControls(JSON.stringify(cut));
}

/** Writes everything but printable ASCII as `\xNN` or `\uNNNN`: one line, safe to print. */
export function escapeControls(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, (character) => {
    const hex = character.charCodeAt(0).toString(16);
    return hex.length <= 2 ? `\\x${hex.padStart(2, "0")}` : `\\u${hex.padStart(4, "0")}`;
  });
}

/** Names the type of a value for a message: `a string`, `null`, `a Response`, `a Promise`. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) {
    return String(value);
  }
  if (typeof value !== "object") {
    return `a ${typeof value}`;
  }
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return `${/^[AEIO]/.test(tag) ? "an" : "a"} ${escapeControls(tag)}`;
}

/**
 * One line for the log about anything that was thrown: name, message and stack, joined by `|`, and
 * the causes behind it. Never throws, even if the value's getters do.
 *
 * @param causes How many causes to follow; an error may be its own.
 */
export function explain(error: unknown, causes = 4): string {
  try {
    if (!(error instanceof Error)) {
      return escapeControls(`${describe(error)} was thrown: ${String(error)}`);
    }
    const { cause } = error;
    const behind =
      cause === undefined || causes === 0 ? "" : ` | caused by ${explain(cause, causes - 1)}`;
    if (error instanceof DramError) {
      return `${error.code}: ${escapeControls(error.message)}${behind}`;
    }
    const head = `${error.name}: ${error.message}`;
    const stack = error.stack ?? "";
    const lines = (stack.includes(error.message) ? stack : `${head}\n${stack}`).split("\n");
    return escapeControls(lines.map((line) => line.trim()).join(" | ")) + behind;
  } catch {
    return "something was thrown that cannot be shown: its own properties throw";
  }
}
