import { chmod, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { makeFolder } from "./webserver.ts";

/** An executable file that a web server starts. */
export interface Program {
  readonly path: string;
  /** Anybody may write here: the server starts the program as a user of its own. */
  readonly folder: string;
  remove(): Promise<void>;
}

/**
 * A module as an executable file, in one piece: a process a request is no time to compile fifty
 * modules.
 *
 * @param variables Its environment, beside what the server gives it.
 */
export async function makeProgram(
  module: URL,
  variables: (folder: string) => Readonly<Record<string, string>> = () => ({}),
): Promise<Program> {
  const folder = await makeFolder();
  await chmod(folder, 0o777);
  const path = join(folder, "program");
  await build({
    entryPoints: [fileURLToPath(module)],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    outfile: `${path}.mjs`,
    conditions: ["dram-source"],
    logLevel: "silent",
  });
  const exports = Object.entries(variables(folder)).map(
    ([name, value]) => `export ${name}='${value}'\n`,
  );
  const command = `exec '${process.execPath}' '${path}.mjs'`;
  await writeFile(path, `#!/bin/sh\n${exports.join("")}${command}\n`, { mode: 0o755 });
  return { path, folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
