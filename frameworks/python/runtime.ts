/**
 * How a Pyodide is started on a platform. Without one, the package `pyodide` is loaded as Node and
 * Deno find it; `dram python build` writes others.
 */
export interface PythonRuntime {
  /** Starts an interpreter. */
  loadPyodide(options: LoadOptions): Promise<Pyodide>;
  /** More folders and archives of Python modules, behind those of the option `site`. */
  readonly site?: readonly (string | Uint8Array)[];
  /**
   * Folders of the interpreter's own file system, there as soon as it is started: behind `site` on
   * `sys.path`.
   */
  readonly folders?: readonly string[];
  /**
   * What `loadPyodide` gives is no fresh interpreter: it comes out of a snapshot of the memory of one
   * that had imported an application. Its file system is as empty as ever, but for `folders`.
   */
  readonly snapshot?: PythonSnapshot;
  /** Reads an archive that `site` names. Absent where there are no files. */
  readFile?(path: string): Promise<Uint8Array>;
  /** A folder of time zones (RFC 9636), to be seen at /usr/share/zoneinfo. Without one there is UTC. */
  readonly zoneinfo?: string;
  /**
   * Node's own `node:crypto`, for what a Pyodide's `hashlib` lacks. Without it `pbkdf2_hmac` is done by
   * Python itself, about ten times slower, and there is no `scrypt`.
   */
  readonly crypto?: HostCrypto;
}

/** The part of `node:crypto` that is used here. */
export interface HostCrypto {
  /** RFC 8018. */
  pbkdf2Sync(
    password: Uint8Array,
    salt: Uint8Array,
    iterations: number,
    length: number,
    digest: string,
  ): Uint8Array;
  /** RFC 7914. */
  scryptSync(
    password: Uint8Array,
    salt: Uint8Array,
    length: number,
    options: { N: number; r: number; p: number; maxmem: number },
  ): Uint8Array;
}

/** What an interpreter had done before its memory was written down. */
export interface PythonSnapshot {
  /** The application that it had imported: `module:attribute`. */
  readonly app: string;
  /** The `gateway` of the dram that has made it; another one's cannot drive it. */
  readonly gateway: string;
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
  /** Runs Python; the value is that of the last expression. */
  runPython(code: string): unknown;
  /** Imports a module. */
  pyimport(name: "dram_host"): HostModule;
  /** The same for ASGI. */
  pyimport(name: "dram_asgihost"): AsgiHostModule;
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
  writeFile(path: string, content: string): void;
}

/** host.py, as JavaScript sees it. */
export interface HostModule {
  /** Imports the application. */
  readonly prepare: PythonFunction<undefined>;
  /** Takes the JavaScript half. */
  readonly connect: PythonFunction<undefined>;
  /** Calls the application, and runs it until its head is certain. */
  readonly begin: PythonFunction<Begun>;
  /** The next chunk with bytes in it; `undefined` at the end. */
  readonly pull: PythonFunction<Uint8Array | undefined>;
  /** Nobody wants more of the response. */
  readonly end: PythonFunction<undefined>;
}

/** asgihost.py, as JavaScript sees it. What each call comes to, it tells the host by its number. */
export interface AsgiHostModule {
  /** Imports the application and runs its startup; the number of this call is 0. */
  start(host: object, app: string, paths: string, environment: string): void;
  /** Runs the shutdown; the number is 0. */
  stop(): void;
  /** Calls the application with a scope, in JSON. */
  run(id: number, scope: string): void;
}

/** A function of host.py; what is raised in it is returned. */
export interface PythonFunction<Result> {
  /** Runs it to its end. */
  (...values: readonly unknown[]): Result | Raised;
  /** Runs it so that it may wait for promises (JSPI). */
  callPromising(...values: readonly unknown[]): Promise<Result | Raised>;
}

/** Status and headers. */
export type Head = [status: string, headers: [name: string, value: string][]];

/** What `begin` comes back with. `chunk`: the first with bytes in it. */
export type Begun = [...Head, chunk: Uint8Array | undefined, done: boolean];

/** An exception of Python's. `isTransport`: it is what the gateway itself has told Python. */
export type Raised = [
  nothing: undefined,
  type: string,
  message: string,
  traceback: string,
  isTransport: boolean,
];
