import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Failure } from "../failure.ts";

/** The package `pyodide`. */
export interface Package {
  readonly version: string;
  readonly folder: string;
  /** `info` of its pyodide-lock.json. */
  readonly lock: Readonly<Record<string, string>>;
}

/** A Pyodide, as far as compiling needs it. */
export interface Interpreter {
  runPython(code: string): unknown;
  mountNodeFS(path: string, folder: string): void;
  readonly FS: { mkdirTree(path: string): void };
}

/** Before it, a request that waits loses its context to another (pyodide pull request 6421). */
const OLDEST = "314.0.7";

/** @throws {Failure} If it is not installed, or too old. */
export function findPyodide(): Package {
  const folder = locate();
  const { version }: { version: string } = read(folder, "package.json");
  if (version.localeCompare(OLDEST, "en", { numeric: true }) < 0) {
    throw new Failure(`pyodide ${version} is installed; wanted ${OLDEST} or newer`);
  }
  const { info }: { info: Record<string, string> } = read(folder, "pyodide-lock.json");
  return { version, folder, lock: info };
}

/**
 * Starts an interpreter as the package has it.
 *
 * @param library The path of its standard library, if it is compiled already: three times quicker.
 */
export async function startPyodide(
  { folder }: Package,
  library: string | undefined,
): Promise<Interpreter> {
  const { loadPyodide }: { loadPyodide: Load } = await import(join(folder, "pyodide.mjs"));
  return loadPyodide(library === undefined ? {} : { stdLibURL: library });
}

type Load = (options: { readonly stdLibURL?: string }) => Promise<Interpreter>;

function locate(): string {
  try {
    return dirname(fileURLToPath(import.meta.resolve("pyodide")));
  } catch {
    throw new Failure(`pyodide is not installed: npm install --save-dev pyodide@${OLDEST}`);
  }
}

function read<Content>(folder: string, name: string): Content {
  return JSON.parse(readFileSync(join(folder, name), "utf8"));
}
