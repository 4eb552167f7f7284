import { createHash } from "node:crypto";
import { globSync, readFileSync, statSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { dram, type PythonBuild } from "../targets/pythonbuild.ts";
import type { PythonProject } from "./checks/applications.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * What `dram python build` makes of an application, made once: it takes half a minute. It is found
 * again as long as nothing has changed of what it is made of.
 */
export async function built({ app, site }: PythonProject): Promise<PythonBuild> {
  const folders = site();
  const parent = join(root, ".python/built", `${app.split(":")[0]}-${digest(folders)}`);
  const build: PythonBuild = { folder: join(parent, "python"), output: "", remove() {} };
  if (statSync(build.folder, { throwIfNoEntry: false }) === undefined) {
    await mkdir(dirname(parent), { recursive: true });
    const own = await mkdtemp(`${parent}-`);
    const sites = folders.flatMap((folder) => ["--site", folder]);
    await dram(
      "python",
      "build",
      "--app",
      app,
      ...sites,
      "--workers",
      "--out",
      join(own, "python"),
    );
    // Another test file may have made the same in the meantime.
    await rename(own, parent).catch(() => rm(own, { recursive: true }));
  }
  return build;
}

/** Of all that a build is made of: the applications, the packages, and what builds. */
function digest(folders: readonly string[]): string {
  const hash = createHash("sha256");
  const makers = ["cli/python", "frameworks/python"].map((folder) => join(root, folder));
  for (const folder of [...folders, ...makers]) {
    const packages = join(folder, "PACKAGES");
    const files = statSync(packages, { throwIfNoEntry: false })
      ? [packages]
      : globSync(`${folder}/**/*.*`).filter((file) => statSync(file).isFile());
    for (const file of files.toSorted()) {
      hash.update(file).update(readFileSync(file));
    }
  }
  return hash.digest("hex").slice(0, 16);
}
