import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { SITES } from "../../scripts/python/sites.ts";

/** The folder with the packages of a site, as it stands on sys.path. */
export function site(name: string): string {
  return fileURLToPath(new URL(`../../.python/${name}`, import.meta.url));
}

/** Whether the sites are there. Tests without theirs do not run, as `isInstalled` has it. */
export function hasSites(...names: readonly string[]): boolean {
  return names.every((name) => existsSync(site(name)));
}

/** What is missing, and how to get it; nothing if nothing is. */
export function missingSites(): string | undefined {
  const missing = Object.keys(SITES).filter((name) => !hasSites(name));
  return missing.length === 0
    ? undefined
    : `Not run: the tests that need the Python packages of ${missing.join(", ")}. To get them: npm run python:packages`;
}
