import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { linesOf } from "./lines.ts";
import { until } from "./target.ts";

/** A web server of the system, in the foreground on a loopback port. */
export interface WebServer {
  readonly port: number;
  readonly pid: number;
  /** Lines of its error log so far. */
  readonly log: readonly string[];
  /** Stops it at once, and what it has started. */
  close(): Promise<void>;
}

export interface WebServerSpec {
  readonly program: string;
  /** The site as a user would install it, but for its port. */
  site(port: number): string;
  /** What stands around a site: all its files are in `folder`. */
  configure(folder: string, port: number, site: string): string;
  /** Parameters that name the configuration, to check it and to run it. */
  parameters(folder: string, file: string): readonly [check: string[], run: string[]];
  environment?(folder: string): Record<string, string>;
}

/** A folder that the servers' own user can reach, whoever runs the tests. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "dram-servers-"));
  await chmod(folder, 0o755);
  return folder;
}

/**
 * A file of examples/ with its marked values replaced.
 *
 * @param values What stands in the file, and what is to stand there instead, in this order.
 * @throws {Error} For a value that the file does not have.
 */
export function configured(file: string, values: Readonly<Record<string, string>>): string {
  const path = new URL(`../../examples/${file}`, import.meta.url);
  return Object.entries(values).reduce(
    (text, [shown, real]) => {
      if (!text.includes(shown)) {
        throw new Error(`examples/${file} has no ${JSON.stringify(shown)} to replace`);
      }
      return text.replaceAll(shown, real);
    },
    readFileSync(path, "utf8"),
  );
}

/** Starts a web server, and resolves when it takes connections. */
export async function startWebServer(spec: WebServerSpec): Promise<WebServer> {
  const folder = await makeFolder();
  const port = await freePort();
  const site = join(folder, "site.conf");
  const file = join(folder, "server.conf");
  await writeFile(site, spec.site(port));
  await writeFile(file, spec.configure(folder, port, site));
  const [check, run] = spec.parameters(folder, file);
  const env = { ...process.env, ...spec.environment?.(folder) };
  await promisify(execFile)(spec.program, check, { env });

  const child = spawn(spec.program, run, { env, stdio: ["ignore", "ignore", "pipe"] });
  const said = linesOf(child.stderr);
  const log = (): string[] => [...said, ...linesOfFile(join(folder, ERROR_LOG))];
  let ended: unknown;
  // "close", not "exit": whatever it has started holds its standard error, too.
  const closed = once(child, "close").then(([code, signal]) => {
    ended = code ?? signal;
  });
  await until(async () => {
    if (ended !== undefined) {
      throw new Error(`${spec.program} has ended with ${ended}: ${log().join("\n")}`);
    }
    // The port alone is open before a server has read what may still end it.
    return existsSync(join(folder, PID_FILE)) && (await accepts(port));
  });
  return {
    port,
    pid: child.pid ?? 0,
    get log() {
      return log();
    },
    async close() {
      child.kill("SIGTERM");
      await closed;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Where `configure` has the server write them, in the folder. */
export const ERROR_LOG = "error.log";
export const PID_FILE = "server.pid";

function linesOfFile(path: string): string[] {
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : [];
}

/**
 * A port that nobody listens on, for servers that cannot take any that is free. Below those that
 * the system gives to outgoing connections, so that none of them gets it in the meantime.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
    });
    if (isFree) {
      return port;
    }
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}
