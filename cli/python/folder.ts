import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../failure.ts";
import { MANIFEST, readManifest } from "./emit.ts";

/**
 * A build is made in here. It takes the place of an earlier one only when it is whole, and what was
 * interrupted is known by it.
 */
const UNFINISHED = ".unfinished-build";
const LIBRARY = "stdlib.bin";

/**
 * Makes the folder for a build, and one in it, where the build is to be made.
 *
 * @returns `hasLibrary`: the standard library of an earlier build is in it, and is that of this Pyodide.
 * @throws {Failure} If there is something else in the folder.
 */
export function prepareFolder(
  out: string,
  pyodide: string,
): { readonly work: string; readonly hasLibrary: boolean } {
  mkdirSync(out, { recursive: true });
  const names = readdirSync(out);
  if (names.length > 0 && !names.includes(UNFINISHED) && readManifest(out) === undefined) {
    throw new Failure(`${out} has files in it that are no build of this command`);
  }
  const work = join(out, UNFINISHED);
  mkdirSync(work, { recursive: true });
  const source = [work, out].find((folder) => hasLibrary(folder, pyodide));
  for (const name of readdirSync(work)) {
    if (source !== work || name !== LIBRARY) {
      rmSync(join(work, name), { recursive: true });
    }
  }
  if (source === out) {
    cpSync(join(out, LIBRARY), join(work, LIBRARY));
  }
  return { work, hasLibrary: source !== undefined };
}

/** Puts the build in the place of an earlier one. */
export function finishFolder(out: string): void {
  const work = join(out, UNFINISHED);
  // The manifest goes first and comes last: it is there with all the files that are its own only.
  for (const name of [MANIFEST, ...readdirSync(out)]) {
    if (name !== UNFINISHED) {
      rmSync(join(out, name), { recursive: true, force: true });
    }
  }
  const names = readdirSync(work).filter((name) => name !== MANIFEST);
  for (const name of [...names, MANIFEST]) {
    renameSync(join(work, name), join(out, name));
  }
  rmdirSync(work);
}

function hasLibrary(folder: string, pyodide: string): boolean {
  return existsSync(join(folder, LIBRARY)) && readManifest(folder)?.pyodide === pyodide;
}
