import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { ServeOptions } from "dram/deno";
import { makeCertificate } from "./certificate.ts";
import { linesOf } from "./lines.ts";
import { type Target, until } from "./target.ts";
import { send, sendRaw } from "./workerd.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Deno's binary itself: behind npm's launcher it could not be sent a signal. */
export const DENO: string = join(root, "node_modules/deno/deno");

/** What Deno is given of an environment: nothing that makes it ask, look for a newer one, or keep files elsewhere. */
export const DENO_ENV: NodeJS.ProcessEnv = {
  PATH: process.env.PATH,
  DENO_DIR: join(root, "node_modules/.cache/deno"),
  DENO_NO_PROMPT: "1",
  DENO_NO_UPDATE_CHECK: "1",
  NO_COLOR: "1",
};

/** What `serve` of dram/deno is to serve, as JSON can say it. */
export interface DenoServerSpec {
  /** The URL of a module that exports `application`. */
  readonly module: string;
  readonly options?: ServeOptions;
  /** Flags of Deno's. */
  readonly flags?: readonly string[];
}

/** A process of Deno's that serves. */
export interface DenoTarget extends Target {
  readonly port: number;
  readonly url: string;
  readonly process: ChildProcess;
  /** What the process has printed on standard output after it began to listen, a line each. */
  readonly output: readonly string[];
  /** The certificate to trust, under TLS. */
  readonly ca: string | undefined;
  /** Resolves with the exit code, or the signal that has ended the process. */
  readonly exit: Promise<number | string>;
  /** Sends bytes as they are and gives the one response that comes back. Not under TLS. */
  sendRaw(bytes: string, options?: { halfClose?: boolean }): Promise<string>;
}

/** Boots `serve` of dram/deno with an application. */
export async function bootDeno(
  spec: DenoServerSpec,
  protocol: "http" | "https" = "http",
): Promise<DenoTarget> {
  const tls = protocol === "https" ? makeCertificate() : undefined;
  const full = { ...spec, options: { ...spec.options, ...(tls === undefined ? {} : { tls }) } };
  const script = fileURLToPath(new URL("./deno-server.ts", import.meta.url));
  const deno = start([
    "run",
    "--allow-net",
    ...(spec.flags ?? []),
    // A module that is named at run time is a file to read, and so is a Unix socket.
    `--allow-read=${[root, process.env.DRAM_INSTALLED ?? [], spec.options?.path ?? []].flat()}`,
    ...(spec.options?.path === undefined ? [] : [`--allow-write=${spec.options.path}`]),
    ...denoConfig(),
    script,
    JSON.stringify(full),
  ]);
  await until(() => deno.output.length > 0 || deno.process.exitCode !== null, 50_000);
  const { url, port } = JSON.parse(deno.output.shift() ?? fail(deno.log));
  return { ...target(deno, port, "SIGTERM"), url, ca: tls?.cert };
}

/** Boots `deno serve` with a module that exports what it serves. */
export async function bootDenoServe(module: URL): Promise<DenoTarget> {
  const where = ["--host", "127.0.0.1", "--port", "0"];
  const deno = start(["serve", ...where, ...denoConfig(), fileURLToPath(module)]);
  const listening = () => deno.log.map((line) => /Listening on (http:\S+:(\d+))\//.exec(line));
  await until(() => listening()[0] !== undefined || deno.process.exitCode !== null, 20_000);
  const [, url = fail(deno.log), port] = listening()[0] ?? [];
  deno.log.length = 0;
  // It would wait without end for what is in flight.
  return { ...target(deno, Number(port), "SIGKILL"), url, ca: undefined };
}

interface Running {
  readonly process: ChildProcess;
  readonly log: string[];
  readonly output: string[];
}

function start(parameters: readonly string[]): Running {
  const child = spawn(DENO, parameters, { env: DENO_ENV, stdio: ["ignore", "pipe", "pipe"] });
  const log: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    if (!line.startsWith("Deno.serve: request.signal aborts")) {
      log.push(line);
    }
  });
  return { process: child, log, output: linesOf(child.stdout) };
}

function target(
  { process: child, log, output }: Running,
  port: number,
  stop: "SIGTERM" | "SIGKILL",
): Omit<DenoTarget, "url" | "ca"> {
  const exit = once(child, "exit").then(([code, signal]): number | string => code ?? signal);
  return {
    name: "deno",
    ...{ port, log, output, process: child, exit },
    send: (request) => send(port, request),
    sendRaw: (bytes, options) => sendRaw(port, bytes, options),
    async close() {
      child.kill(stop);
      await exit;
    },
  };
}

function fail(log: readonly string[]): never {
  throw new Error(`Deno does not serve: ${log.join("\n")}`);
}

/**
 * A configuration of its own: dram by its public names, the sources or an installed package, and no
 * flag of Deno's that a user's would lack.
 */
export function denoConfig(): string[] {
  const installed = process.env.DRAM_INSTALLED;
  const { exports }: { exports: Record<string, Record<string, string> | string> } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8"),
  );
  const imports = Object.entries(exports).flatMap(([subpath, entry]) => {
    if (typeof entry === "string") {
      return [];
    }
    const path = installed ? entry.default : entry["dram-source"];
    return [
      [`dram${subpath.slice(1)}`, pathToFileURL(resolve(installed ?? root, path ?? "")).href],
    ];
  });
  const folder = join(root, "node_modules/.cache/deno-config");
  mkdirSync(folder, { recursive: true });
  // A package that is loaded by its name at run time.
  imports.push(["pyodide", pathToFileURL(join(root, "node_modules/pyodide/pyodide.mjs")).href]);
  const path = join(folder, `${process.pid}.json`);
  writeFileSync(path, JSON.stringify({ imports: Object.fromEntries(imports), lock: false }));
  return ["--config", path];
}
