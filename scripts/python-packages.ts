// The Python packages that tests and examples run, each site a folder of .python/: from Debian's
// archive, or with --pip from PyPI. Sites that are there stay as they are: `rm -r .python` is for new ones.

import { existsSync } from "node:fs";
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Archive, openDebian } from "./python/debian.ts";
import { run } from "./python/run.ts";
import { SITES, type Site } from "./python/sites.ts";

const home = join(import.meta.dirname, "../.python");
/** In a site: a line for each package. */
const CONTENTS = "PACKAGES";

const { values, positionals } = parseArgs({
  options: { pip: { type: "boolean", default: false } },
  allowPositionals: true,
});

try {
  await get(positionals.length > 0 ? positionals : Object.keys(SITES));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function get(names: readonly string[]): Promise<void> {
  let archive: Archive | undefined;
  for (const name of names) {
    const site = SITES[name];
    if (site === undefined) {
      throw new Error(`no site is called ${name}: there are ${Object.keys(SITES).join(", ")}`);
    }
    if (!existsSync(join(home, name))) {
      archive ??= values.pip ? installWithPip : await openDebian();
      await make(name, site, archive);
    }
    const contents = await readFile(join(home, name, CONTENTS), "utf8");
    console.log(`.python/${name}: ${contents.trim().replaceAll("\n", ", ")}`);
  }
}

/** A site gets its name when it is whole. */
async function make(name: string, site: Site, archive: Archive): Promise<void> {
  await mkdir(home, { recursive: true });
  const folder = await mkdtemp(join(home, `.${name}-`));
  // A web server reads it as a user of its own.
  await chmod(folder, 0o755);
  try {
    const packages = await archive(site, folder);
    for (const module of site.modules ?? []) {
      const file = `${module}.py`;
      await copyFile(join(import.meta.dirname, "python", file), join(folder, file));
    }
    for (const file of await readdir(folder, { recursive: true })) {
      // For another Python and another processor; what has such a module has it in Python, too.
      if (file.endsWith(".so")) {
        await rm(join(folder, file));
      }
    }
    await writeFile(join(folder, CONTENTS), `${packages.join("\n")}\n`);
    await rename(folder, join(home, name));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** As `Archive`, but of PyPI. */
async function installWithPip({ packages, pip = [] }: Site, folder: string): Promise<string[]> {
  const options = ["--disable-pip-version-check", "--no-deps", "--no-compile", "--target", folder];
  await run("python3", ["-m", "pip", "install", ...options, ...packages, ...pip]);
  const list = ["--disable-pip-version-check", "--format=freeze", "--path", folder];
  const installed = await run("python3", ["-m", "pip", "list", ...list]);
  return installed.trim().replaceAll("==", " ").split("\n");
}
