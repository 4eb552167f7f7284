import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Failure } from "../failure.ts";
import type { Manifest } from "./output/manifest.d.ts";

/**
 * Makes the folder for a build, and empties it of an earlier one.
 *
 * @returns Whether the standard library of that one is still there, and is that of this Pyodide.
 * @throws {Failure} If there is something else in it.
 */
export async function prepareFolder(out: string, pyodide: string): Promise<boolean> {
  mkdirSync(out, { recursive: true });
  const names = readdirSync(out);
  if (names.length === 0) {
    return false;
  }
  const manifest = join(out, "manifest.js");
  if (!existsSync(manifest)) {
    throw new Failure(`${out} has files in it that are no build of this command`);
  }
  const hasLibrary = names.includes("stdlib.bin") && (await versionOf(manifest)) === pyodide;
  for (const name of names) {
    if (name !== "manifest.js" && !(hasLibrary && name === "stdlib.bin")) {
      rmSync(join(out, name), { recursive: true });
    }
  }
  return hasLibrary;
}

async function versionOf(path: string): Promise<string> {
  const { manifest }: { manifest: Manifest } = await import(pathToFileURL(path).href);
  return manifest.pyodide;
}
