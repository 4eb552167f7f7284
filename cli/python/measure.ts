import { execFile } from "node:child_process";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Failure } from "../failure.ts";
import type { CommandLine } from "./commandline.ts";

/**
 * Starts what has been built in a Node of its own.
 *
 * @param path Of its index.js.
 * @returns Milliseconds from the start of the process until the application could be called.
 * @throws {Failure} If it does not start.
 */
export async function measureStart(path: string, line: CommandLine): Promise<number> {
  const { app, environment } = line;
  const script = fileURLToPath(new URL(`coldstart${extname(import.meta.url)}`, import.meta.url));
  const parameters = [...process.execArgv, script, path, app, JSON.stringify(environment)];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, parameters);
    return Number(stdout);
  } catch (error) {
    const reason = error instanceof Error && "stderr" in error ? error.stderr : error;
    throw new Failure(`the build does not start: ${String(reason).trimEnd()}`);
  }
}
