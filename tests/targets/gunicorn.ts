import { spawn } from "node:child_process";
import { once } from "node:events";
import { linesOf } from "./lines.ts";
import { site } from "./pythonsite.ts";
import { type Target, until } from "./target.ts";
import { send } from "./workerd.ts";

/** CPython, as Debian has it. */
export const PYTHON = "/usr/bin/python3";

const FLAGS = [
  ["--bind", "127.0.0.1:0"],
  ["--workers", "1"],
  ["--graceful-timeout", "1"],
  // It would be in the home of whoever runs the tests.
  ["--no-control-socket"],
].flat();

export interface GunicornSpec {
  /** `module:attribute` */
  readonly app: string;
  /** Folders, as `sys.path` is to have them. */
  readonly site: readonly string[];
  /** Environment variables. gunicorn takes SCRIPT_NAME from them. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** gunicorn with one synchronous worker on CPython: what Python applications are run by elsewhere. */
export async function bootGunicorn(
  spec: GunicornSpec,
): Promise<Target & { readonly port: number; readonly pid: number }> {
  const child = spawn(PYTHON, ["-m", "gunicorn", ...FLAGS, spec.app], {
    env: {
      PATH: process.env.PATH,
      PYTHONPATH: [...spec.site, site("gunicorn")].join(":"),
      PYTHONDONTWRITEBYTECODE: "1",
      ...spec.variables,
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const log = linesOf(child.stderr);
  const exit = once(child, "exit");
  // Its own log level does not tell that the application has been loaded: it asks for the first request.
  await until(
    () => log.some((line) => line.includes("Booting worker")) || child.exitCode !== null,
    20_000,
  );
  const port = log
    .map((line) => /Listening at: http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1])
    .find(Boolean);
  if (port === undefined) {
    throw new Error(`gunicorn does not serve: ${log.join("\n")}`);
  }
  return {
    name: "gunicorn",
    log,
    port: Number(port),
    pid: child.pid ?? 0,
    send: (request) => send(Number(port), request),
    async close() {
      child.kill("SIGTERM");
      await exit;
    },
  };
}
