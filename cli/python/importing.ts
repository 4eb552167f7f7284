import { pathToFileURL } from "node:url";
import { type Pyodide, type PythonRuntime, prepare } from "../../frameworks/python/mod.ts";
import { Failure } from "../failure.ts";
import type { CommandLine } from "./commandline.ts";
import { recordStubs } from "./stubs.ts";

/** What is known after the application has been imported once. */
export interface Imported {
  readonly stubs: ReadonlyMap<string, Uint8Array>;
  /** The memory of the interpreter that has done it; only if it was asked for. */
  readonly memory: Uint8Array | undefined;
}

/**
 * Starts what has been built, and imports the application.
 *
 * @throws {Failure} With Python's traceback, if it cannot be imported.
 */
export async function importApplication(path: string, line: CommandLine): Promise<Imported> {
  const { app, environment } = line;
  const { default: runtime }: { default: PythonRuntime } = await import(pathToFileURL(path).href);
  const endRecording = recordStubs();
  const pyodide = await start(runtime, environment);
  if ((line.snapshot || line.workers) && !pyodide._module.jspiSupported) {
    throw new Failure(
      `--snapshot and --workers need a Node that can suspend WebAssembly (JSPI), 24 or newer; this is ${process.version}`,
    );
  }
  try {
    await prepare(pyodide, runtime, { app, environment });
  } catch (error) {
    throw new Failure(`${app} cannot be imported:\n${tracebackOf(error)}`);
  }
  const memory = line.snapshot ? memoryOf(pyodide, app) : undefined;
  return { stubs: endRecording(), memory };
}

type Snapshotting = Pyodide & {
  makeMemorySnapshot(): Uint8Array;
  readonly FS: { readonly streams: readonly (OpenFile | null | undefined)[] };
};

interface OpenFile {
  readonly fd: number;
  readonly path: string;
}

function start(runtime: PythonRuntime, env: CommandLine["environment"]): Promise<Snapshotting> {
  const print = (line: string): void => console.error(line);
  const options = { env: { ...env }, stdout: print, stderr: print, _makeSnapshot: true };
  return runtime.loadPyodide(options) as Promise<Snapshotting>;
}

/** @throws {Failure} If more than memory would have to be kept. */
function memoryOf(pyodide: Snapshotting, app: string): Uint8Array {
  pyodide.runPython("import gc; gc.collect()");
  const open = pyodide.FS.streams.flatMap((file) => (file && file.fd > 2 ? [file.path] : []));
  if (open.length > 0) {
    throw new Failure(
      `${app} keeps ${open.join(", ")} open after its import, which no snapshot can hold; wanted an application that opens files at its first request`,
    );
  }
  return pyodide.makeMemorySnapshot();
}

function tracebackOf(error: unknown): string {
  const { cause = error } = error instanceof Error ? error : {};
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}
