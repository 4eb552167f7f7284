import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = new URL("../peers/", import.meta.url);

/** The modules of candidates: of dram in the folder of the area, of the others under peers/. */
export function peers(area: string, names: readonly string[]): Record<string, URL> {
  return Object.fromEntries(
    names.map((name) => [
      name,
      name.startsWith("dram") ? ours(area, name) : new URL(`${area}/${name}.mjs`, folder),
    ]),
  );
}

/** The same where all of them are in the folder of the area. */
export function modules(area: string, names: readonly string[]): Record<string, URL> {
  return Object.fromEntries(names.map((name) => [name, ours(area, name)]));
}

function ours(area: string, name: string): URL {
  return new URL(`../${area}/${name.replaceAll(" ", "-")}.ts`, import.meta.url);
}

/** Installs what peers/package.json names, unless it is there. */
export function installPeers(): void {
  const wanted = readFileSync(new URL("package-lock.json", folder), "utf8");
  const installed = new URL("node_modules/.installed", folder);
  if (!existsSync(installed) || readFileSync(installed, "utf8") !== wanted) {
    const parameters = [
      "ci",
      "--loglevel=error",
      "--no-fund",
      "--no-audit",
      "--prefix",
      fileURLToPath(folder),
    ];
    try {
      execFileSync("npm", parameters, { stdio: "inherit" });
    } catch {
      throw new Error(
        "the peers are not installed, for which npm once needs its registry: see above",
      );
    }
    writeFileSync(installed, wanted);
  }
}

/** The versions of the peers, as package.json pins them. */
export function peerVersions(): Record<string, string> {
  const { dependencies }: { dependencies: Record<string, string> } = JSON.parse(
    readFileSync(new URL("package.json", folder), "utf8"),
  );
  return dependencies;
}
