import { DramError, describe, quote } from "./errors.ts";
import { consoleErrors } from "./errorstream.ts";
import { isPrefix } from "./prefix.ts";
import type { Capabilities, ErrorStream } from "./types.ts";
import { VERSION } from "./version.ts";

/** What the deployer may set, the same for every adapter. */
export interface GatewayOptions {
  /**
   * Where the application is mounted: `""` (default) or `/path`, a native string without a trailing
   * slash. Requests outside it are answered 404.
   */
  scriptName?: string;
  /** Bytes of a request body; more is answered 413. Default: the platform's own limit. */
  maxBodySize?: number;
  /** Where `wsgi.errors` and the gateway's own lines go, one line a `write`. Default: `console.error`. */
  errors?: ErrorStream;
  /** Keys to add to every environ. They win over the gateway's. CGI names need string values. */
  environ?: Readonly<Record<string, unknown>>;
  /**
   * Show the error on the 500 page, but only to a loopback client that asked for a loopback
   * host. Default false.
   */
  debug?: boolean;
  /**
   * What to do with a request header whose name has an underscore, which environ could not tell
   * from one with a dash: drop it with one warning (default), or refuse the request.
   */
  underscoreHeaders?: "drop" | "refuse";
  /** What to do with a hop-by-hop header from the application: refuse (default) or strip it. */
  hopByHop?: "refuse" | "strip";
}

/** What an adapter knows of its platform. */
export interface Platform {
  /** For `SERVER_SOFTWARE`: `dram/1.2.3 (name)`. */
  readonly name: string;
  /** `environ["dram.capabilities"]`, frozen. */
  readonly capabilities: Capabilities;
  /** Two requests can be in flight in one process or isolate. */
  readonly multithread: boolean;
  /** Other processes or isolates may run the same application. */
  readonly multiprocess: boolean;
  /** The process serves one request and ends. */
  readonly runOnce: boolean;
  /** How the platform turned the bytes of header values into strings. */
  readonly headerDecoding: "latin1" | "utf8";
  /** How the platform turned the bytes of the request target into a string. */
  readonly targetDecoding: "latin1" | "utf8";
  /** Told each error that is logged, as it was thrown. Must not throw. */
  readonly onError?: (error: unknown) => void;
  /** Bytes of a request body that the platform takes; `Infinity` if it enforces its limit itself. */
  readonly maxBodySize: number;
}

/** Options and platform, checked and put together once for all requests. */
export interface Gateway {
  /** What the adapter has said of its platform. */
  readonly platform: Platform;
  /** SERVER_SOFTWARE. */
  readonly software: string;
  /** The mount point. */
  readonly scriptName: string;
  /** Bytes. */
  readonly maxBodySize: number;
  /** Of the gateway; a request may have one of its own. */
  readonly errors: ErrorStream;
  /** Keys and values for every environ. */
  readonly environ: readonly (readonly [key: string, value: unknown])[];
  /** Whether a loopback client may see errors. */
  readonly debug: boolean;
  /** What is done with names that hold `_`. */
  readonly underscoreHeaders: "drop" | "refuse";
  /** What is done with what is for one connection only. */
  readonly hopByHop: "refuse" | "strip";
}

/**
 * Checks the deployer's options.
 *
 * @throws {DramError} `ERR_OPTION`, naming the option, what was found and what was wanted.
 */
export function createGateway(options: GatewayOptions, platform: Platform): Gateway {
  const { scriptName = "", maxBodySize = platform.maxBodySize, errors = consoleErrors } = options;
  const { environ = {}, debug = false } = options;
  checkOption(
    "scriptName",
    scriptName,
    isScriptName,
    'a path such as "/app" without a trailing slash',
  );
  checkOption("maxBodySize", maxBodySize, isSize, "a number of bytes");
  checkOption("errors", errors, isErrorStream, "an object with write, writelines and flush");
  checkOption("debug", debug, (value) => typeof value === "boolean", "true or false");
  checkOption(
    "underscoreHeaders",
    options.underscoreHeaders,
    isOneOf("drop", "refuse"),
    '"drop" or "refuse"',
  );
  checkOption("hopByHop", options.hopByHop, isOneOf("refuse", "strip"), '"refuse" or "strip"');
  checkOption("environ", environ, isRecord, "an object of keys and values");
  for (const [key, value] of Object.entries(environ)) {
    // PEP 3333: every CGI variable is a native string; only dotted names hold anything else.
    const right = key.includes(".") || (typeof value === "string" && /^[\0-\xff]*$/.test(value));
    checkOption(
      `environ[${quote(key)}]`,
      value,
      () => right,
      "a string of U+0000 to U+00FF, or a dotted key",
    );
  }
  return {
    platform,
    software: `dram/${VERSION} (${platform.name})`,
    scriptName,
    maxBodySize,
    errors,
    environ: Object.entries(environ),
    debug,
    underscoreHeaders: options.underscoreHeaders ?? "drop",
    hopByHop: options.hopByHop ?? "refuse",
  };
}

/**
 * Checks one option.
 *
 * @param wanted What is right, for the message.
 * @throws {DramError} `ERR_OPTION`.
 */
export function checkOption(
  name: string,
  value: unknown,
  right: (value: unknown) => boolean,
  wanted: string,
): void {
  if (!right(value)) {
    const found =
      typeof value === "string"
        ? quote(value)
        : typeof value === "number"
          ? String(value)
          : describe(value);
    throw new DramError("ERR_OPTION", `option ${name} is ${found}; wanted ${wanted}`);
  }
}

function isScriptName(value: unknown): boolean {
  return typeof value === "string" && (value === "" || isPrefix(value));
}

function isSize(value: unknown): boolean {
  return typeof value === "number" && value >= 0;
}

/** Whether a value may be `wsgi.errors`. */
export function isErrorStream(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    "write" in value &&
    typeof value.write === "function"
  );
}

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function isOneOf(...allowed: string[]): (value: unknown) => boolean {
  return (value) => value === undefined || allowed.some((word) => word === value);
}
