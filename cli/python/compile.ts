import { Failure } from "../failure.ts";
import { compileSource } from "./compilesource.ts";
import type { Interpreter } from "./pyodide.ts";

/** What has become of the folders. */
export interface Site {
  readonly files: number;
  /** Paths of extension modules, which a Pyodide cannot load: left out. */
  readonly native: readonly string[];
}

/** Where a Pyodide sees the folder to write to. */
const OUT = "/out";

/** Makes an interpreter ready for the other two, which write to a folder. */
export function prepareCompiler(interpreter: Interpreter, out: string): void {
  mount(interpreter, OUT, out);
  interpreter.runPython(compileSource);
}

/** Writes `stdlib.bin`: the standard library, compiled. */
export function compileLibrary(interpreter: Interpreter): void {
  interpreter.runPython(`library("${OUT}/stdlib.bin")`);
}

/**
 * Writes `site.bin`: the modules in folders, compiled, and their other files as they are.
 *
 * @param folders As on `sys.path`; wheels in a folder are unpacked. No symbolic links: a Pyodide
 *   would follow them in its own file system.
 * @throws {Failure} If a file cannot be read.
 */
export function compileSite(interpreter: Interpreter, folders: readonly string[]): Site {
  const places = folders.map((folder, index) => {
    const place = `/in/${index}`;
    mount(interpreter, place, folder);
    return place;
  });
  try {
    const call = `site(${JSON.stringify(places)}, "${OUT}/site.bin")`;
    return JSON.parse(String(interpreter.runPython(call)));
  } catch (error) {
    throw new Failure(`the modules cannot be compiled: ${String(error).trimEnd()}`);
  }
}

function mount(interpreter: Interpreter, path: string, folder: string): void {
  interpreter.FS.mkdirTree(path);
  interpreter.mountNodeFS(path, folder);
}
