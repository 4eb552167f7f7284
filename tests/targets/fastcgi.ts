import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { FastcgiOptions } from "dram/fastcgi";
import type { Place } from "./fastcgi-client.ts";
import { linesOf } from "./lines.ts";

/** What to serve, as JSON can say it. */
export interface FastcgiServerSpec {
  /** The URL of a module that exports `application`. */
  readonly module: string;
  readonly options: FastcgiOptions;
}

/** A FastCGI server in a process of its own. */
export interface FastcgiTarget {
  readonly url: string;
  readonly place: Place;
  readonly process: ChildProcess;
  /** Lines of standard error; whoever reads STDERR records may add theirs. */
  readonly log: string[];
  /** Lines of standard output. */
  readonly output: readonly string[];
  /** Resolves with the exit code, or the signal that has ended the process. */
  readonly exit: Promise<number | string>;
  close(): Promise<void>;
}

/** @param extra `stdin`: the descriptor of a listening socket, to be inherited as 0. */
export async function bootFastcgi(
  module: URL,
  options: FastcgiOptions = { port: 0 },
  { env = {}, stdin }: { env?: NodeJS.ProcessEnv; stdin?: number } = {},
): Promise<FastcgiTarget> {
  const spec: FastcgiServerSpec = { module: module.href, options };
  const child = fork(new URL("./fastcgi-server.ts", import.meta.url), [JSON.stringify(spec)], {
    execArgv: ["--conditions=dram-source"],
    stdio: [stdin ?? "ignore", "pipe", "pipe", "ipc"],
    env: { ...process.env, ...env },
  });
  const log = linesOf(child.stderr);
  const output = linesOf(child.stdout);
  const exit = once(child, "exit").then(([code, signal]): number | string => code ?? signal);
  const [said] = await Promise.race([
    once(child, "message"),
    exit.then((code) => Promise.reject(new Error(`ended with ${code}: ${log.join("\n")}`))),
  ]);
  const { url, port }: { url: string; port?: number } = said;
  return {
    url,
    place: port === undefined ? { path: url.replace(/^unix:/, "") } : { port },
    process: child,
    log,
    output,
    exit,
    async close() {
      child.kill("SIGTERM");
      await exit;
    },
  };
}
