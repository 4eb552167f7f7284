import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  fromPythonProcess,
  type PythonProcessApplication,
  type PythonProcessOptions,
} from "dram/from/python/process";
import { onTestFinished } from "vitest";
import { type Listening, listening } from "../../node/helpers.ts";
import { makeLog } from "../../targets/log.ts";
import { until } from "../../targets/target.ts";

export const APPS: string = fileURLToPath(new URL("./apps", import.meta.url));

/** An application in worker processes. */
export interface Workers {
  readonly application: PythonProcessApplication;
  /** What the workers have printed, and lines about them. */
  readonly printed: string[];
}

/** Workers, of apps/steps.py by default, until the test has finished. */
export function workers(options: Partial<PythonProcessOptions> = {}): Workers {
  const { errors, log: printed } = makeLog();
  const application = fromPythonProcess({
    ...{ app: "steps:application", cwd: APPS, errors },
    ...options,
  });
  onTestFinished(() => application.close());
  return { application, printed };
}

/** The same, served by dram/node. */
export interface Serving extends Workers {
  readonly server: Listening;
  /** Sends a request. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** The body of an answer. */
  read(path: string, init?: RequestInit): Promise<string>;
}

export async function serving(options: Partial<PythonProcessOptions> = {}): Promise<Serving> {
  const { application, printed } = workers(options);
  const server = await listening(application);
  const ask = (path: string, init?: RequestInit): Promise<Response> =>
    fetch(server.url + path, init);
  const read = async (path: string, init?: RequestInit): Promise<string> =>
    (await ask(path, init)).text();
  return { application, printed, server, ask, read };
}

/** The processes that answer, once there are so many. */
export async function pids({ read }: Serving, count: number): Promise<number[]> {
  const found = new Set<number>();
  await until(async () => {
    const answers = await Promise.all(Array.from({ length: count * 2 }, () => read("/pid")));
    for (const answer of answers) {
      found.add(Number(answer));
    }
    return found.size === count;
  });
  return [...found];
}

/** What a request to `/waits` waits for. */
export interface Gate {
  readonly path: string;
  open(): void;
}

export function gate(): Gate {
  const folder = mkdtempSync(join(tmpdir(), "pyprocess-"));
  const path = join(folder, "gate");
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return { path: `/waits?${path}`, open: () => writeFileSync(path, "") };
}

/** A file of a program, which can be run until the test has finished. */
export function program(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "pyprocess-"));
  const path = join(folder, "program");
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(path, text, { mode: 0o755 });
  return path;
}

export function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}
