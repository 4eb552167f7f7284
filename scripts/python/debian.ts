import { existsSync, rmSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./run.ts";
import type { Site } from "./sites.ts";

/** One that has the frameworks of the day. What it has moves: nothing here names a version. */
const SUITE = "forky";
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** The packages of a site from Debian's archive: puts them into a folder, and tells which they are. */
export type Archive = (site: Site, folder: string) => Promise<string[]>;

/**
 * Debian's archive as this machine reaches it, by an apt that has its sources, lists, cache and
 * state apart from those of the machine.
 */
export async function openDebian(): Promise<Archive> {
  if (!existsSync(KEYRING)) {
    throw new Error(`${KEYRING} is not there. Without Debian: npm run python:packages -- --pip`);
  }
  const apt = await mkdtemp(join(tmpdir(), "dram-apt-"));
  process.once("exit", () => rmSync(apt, { recursive: true, force: true }));
  await mkdir(join(apt, "lists/partial"), { recursive: true });
  await mkdir(join(apt, "cache/archives/partial"), { recursive: true });
  const source = `deb [signed-by=${KEYRING}] ${await mirror()} ${SUITE} main\n`;
  await writeFile(join(apt, "sources.list"), source);
  const configuration = `--config-file=${join(apt, "apt.conf")}`;
  await writeFile(join(apt, "apt.conf"), settings(apt));
  await run("apt-get", [configuration, "update"]);

  return async ({ packages, debian = [] }, folder) => {
    const root = await mkdtemp(join(apt, "root-"));
    const names = [...packages.map((name) => `python3-${name}`), ...debian];
    await run("apt-get", [configuration, "download", ...names], root);
    const files = (await readdir(root)).filter((file) => file.endsWith(".deb"));
    for (const file of files) {
      await run("dpkg-deb", ["--extract", file, "."], root);
    }
    await gather(root, folder);
    // name_version_architecture.deb, a colon of the version escaped.
    return files
      .map((file) => decodeURIComponent(file.split("_").slice(0, 2).join(" ")))
      .toSorted();
  };
}

/** Copies the Python modules of packages that were extracted into `root`. */
async function gather(root: string, folder: string): Promise<void> {
  // What Debian keeps elsewhere is a link to its place there.
  const copied = { recursive: true, dereference: true, preserveTimestamps: true };
  await cp(join(root, "usr/lib/python3/dist-packages"), folder, copied);
  const zones = join(root, "usr/share/zoneinfo");
  if (existsSync(zones)) {
    // Where Python looks for them on a system that has none: the package that PyPI calls tzdata.
    await cp(zones, join(folder, "tzdata/zoneinfo"), copied);
    await writeFile(join(folder, "tzdata/__init__.py"), "");
    await writeFile(join(folder, "tzdata/zoneinfo/__init__.py"), "");
  }
}

/** The first of the machine's own sources that is Debian's archive. */
async function mirror(): Promise<string> {
  const targets = await run("apt-get", ["indextargets", "--format", "$(REPO_URI)"]);
  const mirrors = targets.split("\n").filter((uri) => /\/debian\/?$/.test(uri));
  return mirrors[0] ?? "http://deb.debian.org/debian";
}

function settings(apt: string): string {
  return `
Dir::Etc::sourcelist "${apt}/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "${apt}/lists";
Dir::State::status "/dev/null";
Dir::Cache "${apt}/cache";
Acquire::Languages "none";
// A container's would delete what the machine's own apt has downloaded.
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
`;
}
