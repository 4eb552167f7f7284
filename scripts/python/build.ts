import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./run.ts";

const root = join(import.meta.dirname, "../..");

/** What `dram python build` is to make. */
export interface Build {
  /** `module:attribute` */
  readonly app: string;
  /** Folders, as sys.path is to have them. */
  readonly site: readonly string[];
  readonly out: string;
}

/**
 * Runs `dram python build`, which takes half a minute, unless the folder has been made of the very
 * same files.
 *
 * @param onStart Called if there is anything to do.
 */
export async function build(
  { app, site, out }: Build,
  onStart: () => void = () => {},
): Promise<void> {
  const mark = join(out, "made-of");
  const digest = digestOf(site, out);
  if (existsSync(mark) && readFileSync(mark, "utf8") === digest) {
    return;
  }
  onStart();
  const sites = site.flatMap((folder) => ["--site", folder]);
  const command = ["--conditions=dram-source", "--no-warnings", join(root, "cli/main.ts")];
  const parameters = ["python", "build", "--app", app, ...sites, "--workers", "--out", out];
  await run(process.execPath, [...command, ...parameters]);
  writeFileSync(mark, digest);
}

/** Of all that a build is made of: the application, the packages, and what builds. */
function digestOf(site: readonly string[], out: string): string {
  const hash = createHash("sha256");
  const makers = ["cli/python", "frameworks/python"].map((folder) => join(root, folder));
  for (const folder of [...site, ...makers]) {
    const packages = join(folder, "PACKAGES");
    const files = existsSync(packages) ? [packages] : globSync(`${folder}/**/*.*`);
    for (const file of files.toSorted()) {
      if (statSync(file).isFile() && !file.startsWith(out)) {
        hash.update(file).update(readFileSync(file));
      }
    }
  }
  return hash.digest("hex");
}
