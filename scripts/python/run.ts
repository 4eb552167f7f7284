import { execFile } from "node:child_process";
import { promisify } from "node:util";

/**
 * Runs a program to its end.
 *
 * @returns What it has said on its standard output.
 * @throws {Error} With what it has said of itself, if it fails.
 */
export async function run(
  program: string,
  parameters: readonly string[],
  cwd?: string,
): Promise<string> {
  const options = { maxBuffer: 64 * 1024 * 1024, ...(cwd === undefined ? {} : { cwd }) };
  const { stdout } = await promisify(execFile)(program, parameters, options);
  return stdout;
}
