import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Manifest } from "./output/manifest.d.ts";
import type { Package } from "./pyodide.ts";

const MODULES = ["pyodide.mjs", "pyodide.asm.mjs"];
const TYPES = "dram/from/python";
const WASM = "pyodide.asm.wasm";
export const MANIFEST = "manifest.js";
const BEFORE = "export const manifest = ";
const AFTER = ";\n";

/** Writes what Node and Deno load: modules, and Pyodide as it is. */
export function emitRuntime(out: string, pyodide: Package): void {
  for (const name of ["index", "interpreter", "files", "memory"]) {
    emitModule(out, name);
  }
  declareRuntime(out, "index");
  // The package around it may be of CommonJS: npm init makes it so.
  writeFileSync(join(out, "package.json"), '{ "type": "module" }\n');
  mkdirSync(join(out, "pyodide"), { recursive: true });
  for (const name of MODULES) {
    writeFileSync(join(out, "pyodide", name), moduleOf(pyodide, name));
  }
  cpSync(join(pyodide.folder, WASM), join(out, "pyodide", WASM));
}

/** Writes what a Worker has beside that. */
export function emitWorker(
  out: string,
  pyodide: Package,
  stubs: ReadonlyMap<string, Uint8Array>,
): void {
  for (const name of ["worker", "host"]) {
    emitModule(out, name);
  }
  declareRuntime(out, "worker");
  mkdirSync(join(out, "workers"), { recursive: true });
  for (const name of MODULES) {
    writeFileSync(join(out, "workers", name), hosted(moduleOf(pyodide, name)));
  }
  emitStubs(out, stubs);
}

/** Writes what the build knows of itself. */
export function emitManifest(out: string, manifest: Manifest): void {
  const text = JSON.stringify(manifest, undefined, 2);
  writeFileSync(join(out, MANIFEST), `${BEFORE}${text}${AFTER}`);
}

/** The same; `undefined` if there is none. Not imported: a module is what it was when it was first. */
export function readManifest(out: string): Manifest | undefined {
  const path = join(out, MANIFEST);
  const source = existsSync(path) ? readFileSync(path, "utf8") : "";
  return source.startsWith(BEFORE)
    ? JSON.parse(source.slice(BEFORE.length, -AFTER.length))
    : undefined;
}

/** One of this command's own modules, without its types. */
function emitModule(out: string, name: string): void {
  const extension = extname(import.meta.url);
  const path = fileURLToPath(new URL(`output/${name}${extension}`, import.meta.url));
  const source = readFileSync(path, "utf8");
  const code =
    extension === ".ts"
      ? stripTypeScriptTypes(source).replace(/\.ts(?=";\n)/g, ".js")
      : withoutMap(source);
  writeFileSync(join(out, `${name}.js`), code);
}

function moduleOf({ folder }: Package, name: string): string {
  return withoutMap(readFileSync(join(folder, name), "utf8"));
}

/** A debugger would look for the source map beside a copy. */
function withoutMap(source: string): string {
  return source.replace(/\n\/\/# sourceMappingURL=.*/, "");
}

function declareRuntime(out: string, name: string): void {
  const lines = [
    `import type { PythonRuntime } from ${JSON.stringify(TYPES)};`,
    "",
    "declare const runtime: PythonRuntime;",
    "export default runtime;",
    "",
  ];
  writeFileSync(join(out, `${name}.d.ts`), lines.join("\n"));
}

/** A module of Pyodide's that sees host.js where it names a global. */
function hosted(source: string): string {
  const names = [
    "WebAssembly",
    "addEventListener",
    "fetch",
    "globalThis",
    "importBuiltin",
    "location",
    "module",
    "process",
  ];
  const code = source
    // A bundler would look for these, and warn.
    .replace(/(?<![\w.$])import\((?="(?:node:|ws"))/g, "importBuiltin(")
    // It would also give up renaming. Pyodide has no use for the scope of what it evaluates.
    .replace(/(?<![\w.$])eval\(/g, "(0,eval)(");
  return `import { ${names.join(", ")} } from "../host.js";\n${code}`;
}

function emitStubs(out: string, stubs: ReadonlyMap<string, Uint8Array>): void {
  mkdirSync(join(out, "stubs"), { recursive: true });
  const imports: string[] = [];
  const entries: string[] = [];
  for (const [index, [hex, bytes]] of [...stubs].entries()) {
    writeFileSync(join(out, "stubs", `${index}.wasm`), bytes);
    imports.push(`import stub${index} from "./stubs/${index}.wasm";\n`);
    entries.push(`  ["${hex}", stub${index}],\n`);
  }
  const table = `\nexport const stubs = new Map([\n${entries.join("")}]);\n`;
  writeFileSync(join(out, "stubs.js"), imports.join("") + table);
}
