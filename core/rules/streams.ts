import { isBytes } from "../bytes.ts";
import { type RuleTable, typed } from "./rule.ts";

const STREAMS = "PEP 3333, Input and Error Streams";

/** `wsgi.input` and `wsgi.errors`: what the gateway gives, and how the application uses it. */
export const streamRules: Pick<
  RuleTable,
  "environ" | "read" | "bytes" | "log" | "member" | "done"
> = {
  environ: [
    {
      id: "L31",
      level: "error",
      by: "gateway",
      text: "wsgi.input has read, readline, readlines and asynchronous iteration; read1, where it can.",
      fix: "give an InputStream",
      source: STREAMS,
      check({ "wsgi.input": input }) {
        const missing = lacks(input, "read", "readline", "readlines", Symbol.asyncIterator);
        return missing === undefined ? undefined : `wsgi.input (${typed(input)}) has no ${missing}`;
      },
    },
    {
      id: "L32",
      level: "error",
      by: "gateway",
      text: "wsgi.errors has write, writelines and flush.",
      fix: "give an ErrorStream",
      source: STREAMS,
      check({ "wsgi.errors": errors }) {
        const missing = lacks(errors, "write", "writelines", "flush");
        return missing === undefined
          ? undefined
          : `wsgi.errors (${typed(errors)}) has no ${missing}`;
      },
    },
  ],
  read: [
    {
      id: "L33",
      level: "error",
      by: "application",
      text: "read takes at most one argument, a number of bytes; -1, null or none for everything.",
      fix: "call read(size) with a whole number from 0",
      source: STREAMS,
      check: ({ method, parameters }) =>
        method === "read" ? wrongSize(method, parameters) : undefined,
    },
    {
      id: "L33b",
      level: "warning",
      by: "application",
      text: "read without a size may wait for ever where wsgi.input_terminated is not set.",
      fix: "read at most CONTENT_LENGTH bytes",
      source: STREAMS,
      check: ({ method, parameters: [size], terminated }) =>
        method === "read" && !terminated && (typeof size !== "number" || size < 0)
          ? "wsgi.input.read() was called for everything"
          : undefined,
    },
    {
      id: "L34",
      level: "error",
      by: "application",
      text: "read1, readline and readlines take at most one argument, a number of bytes.",
      fix: "call readline(size) with a whole number, or without an argument",
      source: STREAMS,
      check: ({ method, parameters }) =>
        method === "read" ? undefined : wrongSize(method, parameters),
    },
    {
      id: "L40",
      level: "warning",
      by: "application",
      text: "wsgi.input is not read after the response has ended.",
      fix: "read it before the body ends; work that goes on needs the bytes themselves",
      source: "dram",
      check: ({ method, ended }) =>
        ended ? `wsgi.input.${method}() was called after the response had ended` : undefined,
    },
  ],
  bytes: [
    {
      id: "L35",
      level: "error",
      by: "gateway",
      text: "wsgi.input gives bytes (Uint8Array), and no more of them than were asked for.",
      fix: "give a Uint8Array of at most the size asked for",
      source: STREAMS,
      check({ method, size, result }) {
        if (method === "readlines") {
          const lines: readonly unknown[] = Array.isArray(result) ? result : [result];
          const wrong = lines.findIndex((line) => !isBytes(line));
          return Array.isArray(result) && wrong === -1
            ? undefined
            : `wsgi.input.readlines() gave ${typed(wrong === -1 ? result : lines[wrong])}`;
        }
        if (!isBytes(result)) {
          return `wsgi.input.${method}() gave ${typed(result)}`;
        }
        return typeof size === "number" && size >= 0 && result.length > size
          ? `wsgi.input.${method}(${size}) gave ${result.length} bytes`
          : undefined;
      },
    },
  ],
  log: [
    {
      id: "L38",
      level: "error",
      by: "application",
      text: "wsgi.errors takes strings.",
      fix: "make a string of it",
      source: STREAMS,
      check: ({ method, text }) =>
        typeof text === "string" ? undefined : `wsgi.errors.${method} was given ${typed(text)}`,
    },
  ],
  member: [
    {
      id: "L37",
      level: "error",
      by: "application",
      text: "The streams belong to the gateway: nobody else closes them.",
      fix: "leave it out",
      source: STREAMS,
      check: ({ stream, member }) =>
        member === "close" ? `${stream}.close() was called` : undefined,
    },
  ],
  done: [
    {
      id: "L39",
      level: "warning",
      by: "application",
      text: "Every read is awaited before the response ends.",
      fix: "await what read, readline and readlines return",
      source: "dram",
      check: ({ pendingReads }) =>
        pendingReads > 0
          ? `${pendingReads} of the reads of wsgi.input had not settled when the response ended`
          : undefined,
    },
  ],
};

function lacks(stream: unknown, ...names: readonly (string | symbol)[]): string | undefined {
  const missing = names.find(
    (name) =>
      typeof stream !== "object" ||
      stream === null ||
      typeof Reflect.get(stream, name) !== "function",
  );
  return typeof missing === "symbol" ? "asynchronous iteration" : missing;
}

function wrongSize(method: string, parameters: readonly unknown[]): string | undefined {
  const [size] = parameters;
  if (parameters.length > 1) {
    return `wsgi.input.${method} was called with ${parameters.length} arguments`;
  }
  const right =
    size === undefined || size === null || (Number.isInteger(size) && Number(size) >= -1);
  return right ? undefined : `wsgi.input.${method} was asked for ${typed(size)} bytes`;
}
