import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { CgiOptions } from "dram/cgi";
import type { TestRequest, TestResponse } from "./target.ts";

/** What a web server starts, and what it tells it. */
export interface CgiSpec {
  /** The URL of a module that exports `application`. */
  readonly module: string;
  readonly options?: CgiOptions;
  /** The environment but for what Node needs: bytes as U+0000 to U+00FF, no NUL. */
  readonly variables?: Readonly<Record<string, string>>;
  /** False: without what every request has. */
  readonly common?: boolean;
  readonly stdout?: "pipe" | number;
  /** What standard output is to the program: Node makes a socket, as mod_cgid does. */
  readonly through?: "socket" | "pipe";
}

/** A CGI program that runs. Its `stdin` and `stdout` are the server's ends of its pipes. */
export interface CgiProcess {
  readonly process: ChildProcess;
  /** What it has written to standard error, a line each. */
  readonly log: readonly string[];
  /** Resolves with the exit code, or the signal that has ended it, when its log is complete. */
  readonly exit: Promise<number | string>;
  /** Everything it writes to standard output, as bytes U+0000 to U+00FF. */
  output(): Promise<string>;
}

/** What every request has. */
const REQUEST: Readonly<Record<string, string>> = {
  GATEWAY_INTERFACE: "CGI/1.1",
  SERVER_PROTOCOL: "HTTP/1.1",
  REQUEST_METHOD: "GET",
  SCRIPT_NAME: "",
  PATH_INFO: "/",
  QUERY_STRING: "",
  SERVER_NAME: "server.example",
  SERVER_PORT: "80",
  REMOTE_ADDR: "192.0.2.1",
};

/** Starts a program as a web server does. */
export function startCgi(spec: CgiSpec): CgiProcess {
  const { module, options = {}, variables = {}, common = true, stdout = "pipe" } = spec;
  const program = new URL("./cgi-program.ts", import.meta.url);
  // Node encodes what it gives to a child as UTF-8; a shell makes any bytes.
  const exports = Object.entries({ ...(common ? REQUEST : {}), ...variables }).map(
    ([name, value]) =>
      `export ${name}="$(printf '%b_' '${octal(value)}')"; ${name}=\${${name}%_}\n`,
  );
  const command = spec.through === "pipe" ? THROUGH_PIPE : 'exec "$0" "$@"';
  const child = spawn(
    "/bin/sh",
    [
      "-c",
      `${exports.join("")}${command}`,
      process.execPath,
      "--conditions=dram-source",
      program.pathname,
    ],
    {
      env: { DRAM_MODULE: module, DRAM_OPTIONS: JSON.stringify(options) },
      stdio: ["pipe", stdout, "pipe"],
    },
  );
  // A program need not read its input.
  child.stdin?.on("error", () => {});
  const log: string[] = [];
  if (child.stderr !== null) {
    createInterface({ input: child.stderr }).on("line", (line) => log.push(line));
  }
  return {
    process: child,
    log,
    exit: once(child, "close").then(([code, signal]) => code ?? signal),
    async output() {
      const chunks: Buffer[] = [];
      for await (const chunk of child.stdout ?? []) {
        chunks.push(chunk);
      }
      return Buffer.concat(chunks).toString("latin1");
    },
  };
}

/** The shell itself must not hold an end of the pipe, nor wait for the program. */
const THROUGH_PIPE = `
  fifo=$(mktemp -u) && mkfifo "$fifo" && exec 3<&0
  "$0" "$@" <&3 3<&- >"$fifo" &
  exec 4<"$fifo" 3<&- && rm "$fifo" && exec cat <&4 4<&-`;

/** Starts a program, sends it all of a request, and waits until it has ended. */
export async function runCgi(
  spec: CgiSpec,
  stdin = "",
): Promise<{ output: string; exit: number | string; log: readonly string[] }> {
  const program = startCgi(spec);
  program.process.stdin?.end(stdin, "latin1");
  const output = await program.output();
  return { output, exit: await program.exit, log: program.log };
}

/** The variables that Apache httpd makes of a request to a script that is mounted at `scriptName`. */
export function variablesOf(
  { method = "GET", path, headers = [], body }: TestRequest,
  scriptName = "",
): Record<string, string> {
  const [uri = "", query = ""] = path.split(/\?(.*)/s);
  const variables: Record<string, string> = {
    REQUEST_METHOD: method,
    REQUEST_URI: path,
    SCRIPT_NAME: scriptName,
    PATH_INFO: unescapeBytes(uri).slice(scriptName.length),
    QUERY_STRING: query,
  };
  for (const [name, value] of headers) {
    const upper = name.toUpperCase().replaceAll("-", "_");
    const key = /^CONTENT_(?:TYPE|LENGTH)$/.test(upper) ? upper : `HTTP_${upper}`;
    const earlier = variables[key];
    const comma = key === "HTTP_COOKIE" ? "; " : ", ";
    variables[key] = earlier === undefined ? value : `${earlier}${comma}${value}`;
  }
  if (body instanceof Uint8Array) {
    variables.CONTENT_LENGTH ??= String(body.length);
  } else if (body !== undefined && variables.CONTENT_LENGTH === undefined) {
    variables.HTTP_TRANSFER_ENCODING = "chunked";
  }
  return variables;
}

/** The response that a program gives. */
export async function readResponse({ process }: CgiProcess): Promise<TestResponse> {
  const { stdout } = process;
  if (stdout === null) {
    throw new Error("standard output is no pipe");
  }
  const { head, rest } = await readHead(stdout);
  const [status = "", ...lines] = head.split("\r\n");
  const [, code, reason = ""] = /^Status: (\d{3})(?: (.*))?$/.exec(status) ?? [];
  return {
    status: Number(code ?? 0),
    reason,
    headers: lines.map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
    chunks: rest,
    leave: () => stdout.destroy(),
  };
}

/** The head, and what comes behind it. */
async function readHead(
  stdout: Readable,
): Promise<{ head: string; rest: AsyncIterable<Uint8Array> }> {
  const chunks = stdout[Symbol.asyncIterator]();
  let received = Buffer.alloc(0);
  for (let end = -1; end === -1; end = received.indexOf("\r\n\r\n")) {
    const { done, value } = await chunks.next();
    if (done) {
      throw new Error(`the program ended before its head did: ${received.toString("latin1")}`);
    }
    received = Buffer.concat([received, value]);
  }
  const end = received.indexOf("\r\n\r\n");
  return {
    head: received.toString("latin1", 0, end),
    rest: (async function* () {
      if (received.length > end + 4) {
        yield received.subarray(end + 4);
      }
      yield* { [Symbol.asyncIterator]: () => chunks };
    })(),
  };
}

function octal(native: string): string {
  return [...Buffer.from(native, "latin1")]
    .map((byte) => `\\0${byte.toString(8).padStart(3, "0")}`)
    .join("");
}

function unescapeBytes(path: string): string {
  return path.replace(/%([0-9A-Fa-f]{2})/g, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
