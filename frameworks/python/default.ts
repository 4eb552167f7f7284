import { DramError } from "../../core/mod.ts";
import type { LoadOptions, Pyodide, PythonRuntime } from "./runtime.ts";

/**
 * Pyodide from the package `pyodide`, on Node and Deno.
 *
 * @throws {DramError} `ERR_OPTION` if it is not installed.
 */
export async function defaultRuntime(): Promise<PythonRuntime> {
  // workerd has the modules of Node, with nodejs_compat, but nothing that could be loaded.
  if (
    globalThis.process?.getBuiltinModule === undefined ||
    globalThis.navigator?.userAgent === "Cloudflare-Workers"
  ) {
    throw new DramError(
      "ERR_OPTION",
      "option runtime is undefined; wanted what npx dram python build --workers writes for a Worker",
    );
  }
  // Not imported: a bundler for Workers, where another runtime is given, would look for them.
  const files = process.getBuiltinModule("node:fs/promises");
  const crypto = process.getBuiltinModule("node:crypto");
  const { fileURLToPath } = process.getBuiltinModule("node:url");
  const zones = "/usr/share/zoneinfo";
  // Not there, or not to be read: Deno asks for a permission. For access() it would ask for another.
  const hasZones = await files.stat(zones).then(
    () => true,
    () => false,
  );
  return {
    loadPyodide: await importPyodide(fileURLToPath),
    readFile: async (path) => new Uint8Array(await files.readFile(path)),
    ...(hasZones ? { zoneinfo: zones } : {}),
    crypto,
  };
}

async function importPyodide(toPath: (url: URL) => string): Promise<PythonRuntime["loadPyodide"]> {
  // A variable, for a bundler would follow a literal even where another runtime is given.
  const name = "pyodide";
  try {
    const { loadPyodide }: { loadPyodide: Loader } = await import(name);
    // Pyodide asks a stack trace where its files are; Deno answers by the source map, with a place
    // that is none.
    const indexURL = toPath(new URL(".", import.meta.resolve(name)));
    return (options) => loadPyodide({ ...options, indexURL });
  } catch (cause) {
    throw new DramError(
      "ERR_OPTION",
      'fromPython needs the package "pyodide", an optional peer dependency of dram: npm install pyodide',
      { cause },
    );
  }
}

type Loader = (options: LoadOptions & { indexURL: string }) => Promise<Pyodide>;
