/**
 * How a Pyodide is started on a platform. Without one, the package `pyodide` is loaded as Node and
 * Deno find it; `dram python build` writes others.
 */
export interface PythonRuntime {
  /** Starts an interpreter. */
  loadPyodide(options: LoadOptions): Promise<Pyodide>;
  /** Archives of Python modules, behind the option `site` on `sys.path`. */
  readonly site?: readonly (string | Uint8Array)[];
  /** Reads a file that `site` names. Absent where there are no files. */
  readFile?(path: string): Promise<Uint8Array>;
  /**
   * `hashlib.pbkdf2_hmac`, which a Pyodide does not have: Node's `pbkdf2Sync`. Without it Python's
   * own arithmetic does it, a hundred times slower.
   */
  pbkdf2?(
    password: Uint8Array,
    salt: Uint8Array,
    iterations: number,
    length: number,
    digest: string,
  ): Uint8Array;
}

/** What a Pyodide is started with, whatever the platform: part of its own `loadPyodide`'s options. */
export interface LoadOptions {
  /** `os.environ`. */
  env: Record<string, string>;
  /** Takes a line of `sys.stdout`. */
  stdout(line: string): void;
  /** Takes a line of `sys.stderr`. */
  stderr(line: string): void;
}

/** The part of a Pyodide that is used here. */
export interface Pyodide {
  /** Of the npm package: `314.0.7`. */
  readonly version: string;
  /** Runs statements; the value is that of the last one. */
  runPython(code: string): unknown;
  /** Imports a module. */
  pyimport(name: string): unknown;
  /** Unpacks an archive into its file system. */
  unpackArchive(archive: Uint8Array, format: string, options: { extractDir: string }): void;
  /** Shows a folder of the host at a path; Node and Deno only. */
  mountNodeFS(path: string, folder: string): void;
  /** Its file system. */
  readonly FS: PyodideFiles;
}

/** The part of Emscripten's file system that is used here. */
export interface PyodideFiles {
  /** Makes a folder and those above it. */
  mkdirTree(path: string): void;
  /** Writes a whole file. */
  writeFile(path: string, content: string | Uint8Array): void;
  /** Whether there is something at a path. */
  analyzePath(path: string): { readonly exists: boolean };
}
