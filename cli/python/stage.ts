import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Failure } from "../failure.ts";
import { readManifest } from "./emit.ts";

/** Copies of folders, without what is no part of an application. */
export interface Stage {
  readonly folders: readonly string[];
  remove(): void;
}

/**
 * Copies folders so that symbolic links become what they lead to. Links that lead nowhere are left
 * out, and so are hidden files, `__pycache__`, `node_modules` and builds of this command.
 *
 * @param paths Absolute.
 * @throws {Failure} If something cannot be read.
 */
export function stage(paths: readonly string[]): Stage {
  const parent = mkdtempSync(join(tmpdir(), "dram-python-"));
  const remove = (): void => rmSync(parent, { recursive: true, force: true });
  try {
    const folders = paths.map((path, index) => {
      const target = join(parent, String(index));
      const isWanted = (source: string): boolean =>
        source === path || (existsSync(source) && !isUseless(source));
      cpSync(path, target, { recursive: true, dereference: true, filter: isWanted });
      return target;
    });
    return { folders, remove };
  } catch (error) {
    remove();
    throw new Failure(`a folder of modules cannot be read: ${String(error)}`);
  }
}

function isUseless(path: string): boolean {
  const name = basename(path);
  return (
    name.startsWith(".") ||
    name === "__pycache__" ||
    name === "node_modules" ||
    readManifest(path) !== undefined
  );
}
