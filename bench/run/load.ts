import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { ask, spawnLoad, start, stop } from "./process.ts";

/** A request that is sent again and again. */
export interface LoadRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What was answered. */
export interface Loaded {
  readonly requests: number;
  readonly bytes: number;
  readonly milliseconds: number;
}

/** What is asked of the generator, whichever it is. */
export interface Load {
  readonly port: number;
  readonly request: LoadRequest;
  /** Kept open, each with one request under way. */
  readonly connections: number;
  readonly milliseconds: number;
}

const WRK = "/usr/bin/wrk";

/** Milliseconds after which a server that has answered nothing is no longer a slow one. */
const PATIENCE = 5000;

/** What makes the load, for the report. */
export const generator: string = existsSync(WRK) ? version() : "bench/run/load-child.ts";

export async function load(wanted: Load): Promise<Loaded> {
  return existsSync(WRK) ? wrk(wanted) : ours(wanted);
}

async function wrk({ port, request, connections, milliseconds }: Load): Promise<Loaded> {
  const { method, path, headers, body } = request;
  const child = spawnLoad(WRK, [
    ...["-t", "1", "-c", String(connections), "-d", "60s"],
    ...Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]),
    ...["-s", fileURLToPath(new URL("wrk.lua", import.meta.url))],
    ...[`http://127.0.0.1:${port}${path}`, "--", method, body],
  ]);
  // It counts in whole seconds, but ends and reports when it is interrupted. Again and again: the first
  // signal is lost on it while it begins to wait.
  let interval: NodeJS.Timeout | undefined;
  const timer = setTimeout(() => {
    interval = setInterval(() => child.kill("SIGINT"), 50);
  }, milliseconds - 50);
  const [output] = await Promise.all([
    text(child.stdout ?? Readable.from([])),
    once(child, "exit"),
  ]);
  clearTimeout(timer);
  clearInterval(interval);
  const longer = { port, request, connections, milliseconds: milliseconds * 2 };
  if (child.signalCode === "SIGINT") {
    // On a busy machine, before it knew what to do with it.
    return wrk(longer);
  }
  const last = output.trim().split("\n").at(-1) ?? "";
  const { failed, ...loaded }: Loaded & { failed: number } = JSON.parse(last);
  if (failed > 0) {
    throw new Error(`${method} ${path}: ${output}`);
  }
  // A long body may not have ended: its bytes tell.
  if (loaded.bytes === 0) {
    if (milliseconds > PATIENCE) {
      throw new Error(`${method} ${path}: no answer within ${milliseconds} ms`);
    }
    return wrk(longer);
  }
  return loaded;
}

/** Slower than wrk, and with a server that is as quick the narrower end. */
async function ours(wanted: Load): Promise<Loaded> {
  const child = start(new URL("./load-child.ts", import.meta.url), [], { load: true });
  try {
    return await ask<Loaded>(child, wanted);
  } finally {
    await stop(child);
  }
}

/** wrk tells its version with its usage, and fails. */
function version(): string {
  try {
    return execFileSync(WRK, ["-v"], { stdio: ["ignore", "pipe", "ignore"] }).toString();
  } catch (error) {
    const { stdout } = error as { stdout: Buffer };
    return /wrk \S+/.exec(stdout.toString())?.[0] ?? "wrk";
  }
}
