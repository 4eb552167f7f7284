import { DramError, isBytes, quote } from "../../core/mod.ts";
import { checkResult } from "./failure.ts";
import { gatewaySource, hostSource, sourceId } from "./gatewaysource.ts";
import { checkOptions, type PythonOptions, type Settings } from "./options.ts";
import { hashes } from "./plain.ts";
import type { HostModule, Pyodide, PythonRuntime } from "./runtime.ts";

/** Where dram's own modules and unpacked archives are, in Python's file system. */
const FOLDER = "/lib/dram";

/** Not by the name of a global: JSPI has had two forms, and Pyodide knows both. */
const CAN_WAIT = "import pyodide_js\npyodide_js._module.jspiSupported";

/** A Pyodide in which the application is ready to be called. */
export interface Python {
  readonly host: HostModule;
  /** A call may wait for a promise. */
  readonly canWait: boolean;
}

/** Starts a Pyodide and imports the application. */
export async function start(runtime: PythonRuntime, settings: Settings): Promise<Python> {
  checkSnapshot(runtime, settings);
  return prepareChecked(await load(runtime, settings.environment), runtime, settings);
}

/** Starts a Pyodide. */
export function load(
  runtime: PythonRuntime,
  environment: Readonly<Record<string, string>>,
): Promise<Pyodide> {
  return runtime.loadPyodide({
    env: { ...environment },
    // Not to the standard output, which is the response where the gateway speaks CGI.
    stdout: (line) => console.error(line),
    stderr: (line) => console.error(line),
  });
}

/**
 * Imports the application into a Pyodide that runs, as `fromPython` does: what `dram python build`
 * takes a memory snapshot of. Python holds nothing of JavaScript's afterwards.
 *
 * @throws {DramError} `ERR_OPTION`; `ERR_PYTHON` with the traceback, if the application cannot be imported.
 */
export async function prepare(
  pyodide: Pyodide,
  runtime: PythonRuntime,
  options: PythonOptions,
): Promise<void> {
  await prepareChecked(pyodide, runtime, checkOptions(options));
}

async function prepareChecked(
  pyodide: Pyodide,
  runtime: PythonRuntime,
  { app, site, environment, input, concurrency }: Settings,
): Promise<Python> {
  const canWait = pyodide.runPython(CAN_WAIT) === true;
  if (input === "stream" && !canWait) {
    throw new DramError(
      "ERR_OPTION",
      'option input is "stream"; this runtime cannot suspend WebAssembly (JSPI): wanted "auto" or "buffered"',
    );
  }
  const paths = await addFiles(pyodide, runtime, site);
  addModules(pyodide, { dram_gateway: gatewaySource, dram_host: hostSource });
  const host = pyodide.pyimport("dram_host");
  const values = [
    app,
    paths,
    JSON.stringify(environment),
    concurrency === "interleave",
    hashes(runtime),
  ];
  checkResult(
    canWait ? await host.prepare.callPromising(...values, true) : host.prepare(...values, false),
  );
  return { host, canWait };
}

/** Its own Python half is in the memory that a runtime starts from, and its own application. */
function checkSnapshot({ snapshot }: PythonRuntime, { app }: Settings): void {
  if (snapshot === undefined) {
    return;
  }
  if (snapshot.gateway !== sourceId) {
    throw new DramError(
      "ERR_OPTION",
      "option runtime has a snapshot that another version of dram has made; wanted a new build: npx dram python build",
    );
  }
  if (snapshot.app !== app) {
    throw new DramError(
      "ERR_OPTION",
      `option app is ${quote(app)}; the snapshot of option runtime has imported ${quote(snapshot.app)}`,
    );
  }
}

/** Lets modules of dram's own be imported. */
export function addModules(pyodide: Pyodide, modules: Readonly<Record<string, string>>): void {
  pyodide.FS.mkdirTree(FOLDER);
  for (const [name, source] of Object.entries(modules)) {
    pyodide.FS.writeFile(`${FOLDER}/${name}.py`, source);
  }
  pyodide.runPython(`import sys\nif "${FOLDER}" not in sys.path: sys.path.append("${FOLDER}")`);
}

/**
 * Shows Python the files that it is given.
 *
 * @returns What is to be on `sys.path`, with NUL between.
 */
export async function addFiles(
  pyodide: Pyodide,
  runtime: PythonRuntime,
  site: readonly (string | Uint8Array)[],
): Promise<string> {
  const paths = await addSite(pyodide, runtime, [...site, ...(runtime.site ?? [])]);
  paths.push(...(runtime.folders ?? []));
  if (runtime.zoneinfo !== undefined) {
    mount(pyodide, runtime.zoneinfo, "/usr/share/zoneinfo");
  }
  return paths.join("\0");
}

/** @returns What is to be on `sys.path`. */
async function addSite(
  pyodide: Pyodide,
  runtime: PythonRuntime,
  site: readonly (string | Uint8Array)[],
): Promise<string[]> {
  const paths: string[] = [];
  for (const [index, entry] of site.entries()) {
    const path = `${FOLDER}/site/${index}`;
    if (typeof entry === "string" && !/\.(?:zip|whl)$/.test(entry)) {
      mount(pyodide, entry, path);
    } else {
      pyodide.FS.mkdirTree(path);
      pyodide.unpackArchive(await archive(runtime, entry), "zip", { extractDir: path });
    }
    paths.push(path);
  }
  return paths;
}

/** Real files, not a zip on `sys.path`: Django looks for its templates and translations beside its code. */
async function archive(runtime: PythonRuntime, entry: string | Uint8Array): Promise<Uint8Array> {
  if (isBytes(entry)) {
    return entry;
  }
  if (runtime.readFile === undefined) {
    throw noFiles(entry);
  }
  return runtime.readFile(entry);
}

function mount(pyodide: Pyodide, folder: string, path: string): void {
  pyodide.FS.mkdirTree(path);
  const files = globalThis.process?.getBuiltinModule?.("node:fs");
  if (files === undefined) {
    throw noFiles(folder);
  }
  // Pyodide takes no link for a folder.
  pyodide.mountNodeFS(path, files.realpathSync(folder));
}

function noFiles(entry: string): DramError {
  return new DramError(
    "ERR_OPTION",
    `option site names ${entry}; there are no files here: wanted the bytes of an archive`,
  );
}
