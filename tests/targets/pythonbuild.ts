import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * `dram python build`, for Node, Deno and Workers. The standard library is compiled but once.
 *
 * @param name Of the build; two at a time must not have the same.
 * @returns The folder, as a URL with a slash at its end.
 */
export async function buildPython(
  name: string,
  app: string,
  site: readonly string[],
): Promise<URL> {
  const out = join(root, ".python/build", name);
  const options = ["--app", app, ...site.flatMap((folder) => ["--site", folder]), "--workers"];
  await promisify(execFile)(process.execPath, [
    "--conditions=dram-source",
    join(root, "cli/main.ts"),
    ...["python", "build", "--out", out],
    ...options,
  ]);
  return pathToFileURL(`${out}/`);
}
