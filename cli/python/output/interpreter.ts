import type { LoadOptions, Pyodide, PythonRuntime } from "../../../frameworks/python/mod.ts";
import { type FileSystem, writeFiles } from "./files.ts";
import { manifest } from "./manifest.js";
import { unpackMemory } from "./memory.ts";

/** Where the modules of the application are, in the interpreter. */
const FOLDER = "/site";

/** `loadPyodide` of the package. */
export type Load = (options: Record<string, unknown>) => Promise<Pyodide>;

/** The default export of pyodide.asm.mjs. */
export type CreateModule = (settings: ModuleSettings) => Promise<unknown>;

interface ModuleSettings {
  instantiateWasm(imports: unknown, receive: Receive): unknown;
}

type Receive = (instance: Instance, module: unknown) => unknown;

interface Instance {
  readonly exports: {
    readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  };
}

/** The files of a build, and what is done differently on each platform. */
interface Parts {
  readonly load: Load;
  readonly createModule: CreateModule;
  /** Pyodide's own options that say where its files are. */
  readonly location: { readonly indexURL: string; readonly stdLibURL: string };
  readonly site: Uint8Array;
  /** Empty where there is none, and so are the files. */
  readonly snapshot: Uint8Array;
  /** The files that the application had written by the time of the snapshot. */
  readonly written: Uint8Array;
}

/** Starts an interpreter in which everything is in its place. */
export async function start(parts: Parts, options: LoadOptions): Promise<Pyodide> {
  const { load, createModule, location, site, written } = parts;
  const common = {
    ...options,
    ...location,
    // Else the path of this machine's script, which a snapshot would carry along.
    env: { _: "python", ...options.env },
    // No package of Pyodide's own is ever fetched.
    lockFileContents: { info: manifest.lock, packages: {} },
    packageBaseUrl: location.indexURL,
    jsglobals: globalThis,
    async fsInit(files: FileSystem) {
      writeFiles(files, site, FOLDER);
      writeFiles(files, written, "");
    },
  };
  if (parts.snapshot.length === 0) {
    return load({ ...common, createPyodideModule: createModule });
  }
  const snapshot = unpackMemory(parts.snapshot);
  return load({
    ...common,
    createPyodideModule: (settings: ModuleSettings) =>
      createModule(withMemory(settings, snapshot.length)),
    _loadSnapshot: snapshot,
  });
}

/** What a build tells of itself to `fromPython`. */
export function described(runtime: PythonRuntime): PythonRuntime {
  const { snapshot } = manifest;
  return { ...runtime, folders: [FOLDER], ...(snapshot === undefined ? {} : { snapshot }) };
}

/**
 * Pyodide copies a snapshot into a memory that it has not made large enough: its build ignores
 * INITIAL_MEMORY (pyodide issue 6254).
 */
function withMemory(settings: ModuleSettings, length: number): ModuleSettings {
  const { instantiateWasm } = settings;
  settings.instantiateWasm = (imports, receive) =>
    instantiateWasm(imports, (instance, module) => {
      const { memory } = instance.exports;
      const missing = Math.ceil((length - memory.buffer.byteLength) / 65_536);
      if (missing > 0) {
        memory.grow(missing);
      }
      return receive(instance, module);
    });
  return settings;
}
