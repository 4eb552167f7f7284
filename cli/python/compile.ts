import { Failure } from "../failure.ts";
import { compileSource } from "./compilesource.ts";
import type { Interpreter } from "./pyodide.ts";

/** What is compiled. Paths are absolute. */
export interface Sources {
  /** As on `sys.path`; wheels in a folder are unpacked. */
  readonly folders: readonly string[];
  /** Where the archives are written; no part of the folders. */
  readonly out: string;
}

/** What has become of the folders. */
export interface Site {
  readonly files: number;
  /** Paths of extension modules, which a Pyodide cannot load: left out. */
  readonly native: readonly string[];
}

/** Where a Pyodide sees the folder to write to. */
const OUT = "/out";

/** Makes an interpreter ready for the other two. */
export function prepareCompiler(interpreter: Interpreter, { folders, out }: Sources): void {
  mount(interpreter, OUT, out);
  for (const [index, folder] of folders.entries()) {
    mount(interpreter, placeOf(index), folder);
  }
  interpreter.runPython(compileSource);
}

/** Writes `stdlib.bin`: the standard library, compiled. */
export function compileLibrary(interpreter: Interpreter): void {
  interpreter.runPython(`library("${OUT}/stdlib.bin")`);
}

/**
 * Writes `site.bin`: the modules in the folders, compiled, and their other files as they are.
 *
 * @throws {Failure} If a file cannot be read.
 */
export function compileSite(interpreter: Interpreter, { folders, out }: Sources): Site {
  const places = folders.map((_, index) => placeOf(index));
  const without = folders.flatMap((folder, index) =>
    out.startsWith(`${folder}/`) ? [placeOf(index) + out.slice(folder.length)] : [],
  );
  const values = [places, without, `${OUT}/site.bin`].map((value) => JSON.stringify(value));
  try {
    return JSON.parse(String(interpreter.runPython(`site(${values.join(", ")})`)));
  } catch (error) {
    throw new Failure(`the modules cannot be compiled: ${String(error).trimEnd()}`);
  }
}

function placeOf(index: number): string {
  return `/in/${index}`;
}

function mount(interpreter: Interpreter, path: string, folder: string): void {
  interpreter.FS.mkdirTree(path);
  interpreter.mountNodeFS(path, folder);
}
