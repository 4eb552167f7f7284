import { checkOption, DramError, describe, isBytes, quote } from "../../core/mod.ts";
import type { PythonRuntime } from "./runtime.ts";

/** What is run, and how. */
export interface PythonOptions {
  /** `module:attribute`; the attribute may be dotted, and with `()` behind it, it is called: `app:create_app()`. */
  app: string;
  /**
   * Where Python modules are, in the order of `sys.path`: folders (Node and Deno), and zip archives, by
   * path or as bytes, which are unpacked. Python sees the first at `/lib/dram/site/0`, and so on; what
   * it writes there goes into the folder.
   */
  site?: readonly (string | Uint8Array)[];
  /** How Pyodide is started here. Default: the package `pyodide`, on Node and Deno. */
  runtime?: PythonRuntime;
  /** Added to `os.environ`. */
  environment?: Readonly<Record<string, string>>;
  /**
   * `"stream"`: the application reads the request body as it arrives, which takes a runtime that can
   * suspend WebAssembly (JSPI: Node 24, Deno, workerd). `"buffered"`: it is called when the whole body
   * is there. Default `"auto"`: as it arrives, where the runtime can and the body is announced with
   * more than 64 KiB, or without a length: what is smaller is read before it is the request's turn.
   */
  input?: "auto" | "stream" | "buffered";
  /**
   * `"serial"` (default): one request at a time, from the call to the end of its body; a client that
   * reads slowly keeps the others waiting. `"interleave"`: others run while one waits, in the same
   * thread. Only for applications whose state of a request is in contextvars, such as Flask's:
   * `threading.local`, as Django has it for its database connections, is one for all of them.
   */
  concurrency?: "serial" | "interleave";
}

/** The options, checked. */
export interface Settings {
  readonly app: string;
  readonly site: readonly (string | Uint8Array)[];
  readonly runtime: PythonRuntime | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly input: "auto" | "stream" | "buffered";
  readonly concurrency: "serial" | "interleave";
}

const NAMES = ["app", "site", "runtime", "environment", "input", "concurrency"];

/** @throws {DramError} `ERR_OPTION`. */
export function checkOptions(options: PythonOptions): Settings {
  if (typeof options !== "object" || options === null) {
    throw new DramError(
      "ERR_OPTION",
      `fromPython was given ${describe(options)}; wanted { app: "module:attribute" }`,
    );
  }
  for (const name of Object.keys(options)) {
    if (!NAMES.includes(name)) {
      throw new DramError(
        "ERR_OPTION",
        `there is no option ${quote(name)}; wanted one of ${NAMES.join(", ")}`,
      );
    }
  }
  const { app, site = [], runtime, environment = {} } = options;
  const { input = "auto", concurrency = "serial" } = options;
  checkOption("app", app, isApp, 'a string such as "module:attribute"');
  checkOption("site", site, isSite, "a list of paths and bytes of zip archives");
  checkOption("runtime", runtime, isRuntime, "an object with loadPyodide");
  checkOption("environment", environment, isEnvironment, "an object of strings");
  checkOption(
    "input",
    input,
    isOneOf("auto", "stream", "buffered"),
    '"auto", "stream" or "buffered"',
  );
  checkOption(
    "concurrency",
    concurrency,
    isOneOf("serial", "interleave"),
    '"serial" or "interleave"',
  );
  return { app, site, runtime, environment, input, concurrency };
}

/** Whether a value is `module:attribute`, as the option `app` has it. */
export function isApp(value: unknown): boolean {
  const name = String.raw`[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*`;
  return typeof value === "string" && new RegExp(`^${name}:${name}(?:\\(\\))?$`, "u").test(value);
}

function isSite(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((entry) => (typeof entry === "string" && entry !== "") || isBytes(entry))
  );
}

function isRuntime(value: unknown): boolean {
  return (
    value === undefined ||
    (typeof value === "object" &&
      value !== null &&
      "loadPyodide" in value &&
      typeof value.loadPyodide === "function")
  );
}

/** Whether a value is an object of strings. */
export function isEnvironment(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.values(value).every((text) => typeof text === "string")
  );
}

function isOneOf(...allowed: string[]): (value: unknown) => boolean {
  return (value) => allowed.some((word) => word === value);
}
