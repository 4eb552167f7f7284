// A build of `dram python build` for Node and Deno, and so for Lambda. It reads files beside itself.
import crypto from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { PythonRuntime } from "../../../frameworks/python/mod.ts";
import { described, start } from "./interpreter.ts";
import createModule from "./pyodide/pyodide.asm.mjs";
import { loadPyodide as load } from "./pyodide/pyodide.mjs";

const ZONES = "/usr/share/zoneinfo";

// Not there, or not to be read: Deno asks for a permission. For access() it would ask for another.
const hasZones = await stat(ZONES).then(
  () => true,
  () => false,
);

const runtime: PythonRuntime = described({
  async loadPyodide(options) {
    const [site, snapshot, written] = await Promise.all([
      bytesOf("site.bin"),
      bytesOf("snapshot.bin"),
      bytesOf("written.bin"),
    ]);
    const location = { indexURL: pathOf("pyodide"), stdLibURL: pathOf("stdlib.bin") };
    return start({ load, createModule, location, site, snapshot, written }, options);
  },
  crypto,
  ...(hasZones ? { zoneinfo: ZONES } : {}),
});

export default runtime;

/** A plain Uint8Array: Pyodide takes no Buffer. */
async function bytesOf(name: string): Promise<Uint8Array> {
  const { buffer, byteOffset, byteLength } = await readFile(pathOf(name));
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
