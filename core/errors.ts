/** Who has to change something: the application, the client, or the gateway and its deployer. */
export type Blame = "application" | "client" | "gateway";

const CODES = {
  ERR_APPLICATION: { blame: "application", status: 500 },
  ERR_BODY_TYPE: { blame: "application", status: 500 },
  ERR_CHUNK_TYPE: { blame: "application", status: 500 },
  ERR_CLOSED: { blame: "application", status: 500 },
  ERR_CLOSE_TIMEOUT: { blame: "application", status: 500 },
  ERR_CONTENT_LENGTH: { blame: "application", status: 500 },
  ERR_HEADERS: { blame: "application", status: 500 },
  ERR_HEADER_NAME: { blame: "application", status: 500 },
  ERR_HEADER_VALUE: { blame: "application", status: 500 },
  ERR_HOP_BY_HOP: { blame: "application", status: 500 },
  ERR_JSON: { blame: "application", status: 500 },
  ERR_NOT_STARTED: { blame: "application", status: 500 },
  ERR_READ_SIZE: { blame: "application", status: 500 },
  ERR_STARTED_TWICE: { blame: "application", status: 500 },
  ERR_STATUS: { blame: "application", status: 500 },

  ERR_BODY_TOO_LARGE: { blame: "client", status: 413 },
  ERR_CLIENT_DISCONNECTED: { blame: "client", status: 400 },
  ERR_FRAMING: { blame: "client", status: 400 },
  ERR_HOST: { blame: "client", status: 400 },
  ERR_METHOD: { blame: "client", status: 400 },
  ERR_NOT_MOUNTED: { blame: "client", status: 404 },
  ERR_REQUEST_HEADER: { blame: "client", status: 400 },
  ERR_REQUEST_HEADERS_TOO_LARGE: { blame: "client", status: 431 },
  ERR_TARGET: { blame: "client", status: 400 },

  ERR_OPTION: { blame: "gateway", status: 500 },
} as const;

/** Stable: part of the public interface, unlike the message. */
export type ErrorCode = keyof typeof CODES;

/** Every error that dram raises itself. The message names the thing, what was found and what was wanted. */
export class DramError extends Error {
  readonly code: ErrorCode;
  readonly blame: Blame;
  /** The HTTP status that an uncaught error of this code is answered with. */
  readonly status: (typeof CODES)[ErrorCode]["status"];

  /**
   * @param code What went wrong.
   * @param message Prose, in one line; values from outside go through `quote`.
   * @param options `cause`: the platform's own error, if there is one.
   */
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "DramError";
    this.code = code;
    this.blame = CODES[code].blame;
    this.status = CODES[code].status;
  }
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
