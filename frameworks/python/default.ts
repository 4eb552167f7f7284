import { DramError } from "../../core/mod.ts";
import type { PythonRuntime } from "./runtime.ts";

/**
 * Pyodide from the package `pyodide`, on Node and Deno.
 *
 * @throws {DramError} `ERR_OPTION` if it is not installed.
 */
export async function defaultRuntime(): Promise<PythonRuntime> {
  const [{ readFile }, { existsSync }, crypto] = await Promise.all([
    import("node:fs/promises"),
    import("node:fs"),
    import("node:crypto"),
  ]);
  const zoneinfo = "/usr/share/zoneinfo";
  return {
    loadPyodide: await importPyodide(),
    readFile: async (path) => new Uint8Array(await readFile(path)),
    ...(existsSync(zoneinfo) ? { zoneinfo } : {}),
    crypto,
  };
}

async function importPyodide(): Promise<PythonRuntime["loadPyodide"]> {
  // A variable, for a bundler would follow a literal even where another runtime is given.
  const name = "pyodide";
  try {
    const { loadPyodide }: Pick<PythonRuntime, "loadPyodide"> = await import(name);
    return loadPyodide;
  } catch (cause) {
    throw new DramError(
      "ERR_OPTION",
      'fromPython needs the package "pyodide", an optional peer dependency of dram: npm install pyodide',
      { cause },
    );
  }
}
