import { pathToFileURL } from "node:url";
import { type Pyodide, type PythonRuntime, prepare } from "../../frameworks/python/mod.ts";
import { Failure } from "../failure.ts";
import type { CommandLine } from "./commandline.ts";
import { recordStubs } from "./stubs.ts";
import { type Files, packWritten, stateOf } from "./written.ts";

/** What is known after the application has been imported once. */
export interface Imported {
  readonly stubs: ReadonlyMap<string, Uint8Array>;
  /** Only if it was asked for. */
  readonly snapshot: Snapshot | undefined;
}

/** The interpreter that has imported it. */
interface Snapshot {
  readonly memory: Uint8Array;
  /** The files that the application has written, packed. */
  readonly written: Uint8Array;
}

/**
 * Starts what has been built, and imports the application.
 *
 * @throws {Failure} With Python's traceback, if it cannot be imported.
 */
export async function importApplication(path: string, line: CommandLine): Promise<Imported> {
  const { app, environment } = line;
  const endRecording = recordStubs();
  const { default: runtime }: { default: PythonRuntime } = await import(pathToFileURL(path).href);
  const pyodide = await start(runtime, line);
  if ((line.snapshot || line.workers) && !pyodide._module.jspiSupported) {
    throw new Failure(
      `--snapshot and --workers need a Node that can suspend WebAssembly (JSPI), 24 or newer; this is ${process.version}`,
    );
  }
  const before = stateOf(pyodide.FS);
  try {
    await prepare(pyodide, runtime, { app, environment });
  } catch (error) {
    throw new Failure(`${app} cannot be imported:\n${tracebackOf(error)}`);
  }
  const stubs = endRecording();
  if (!line.snapshot) {
    return { stubs, snapshot: undefined };
  }
  checkOpen(pyodide, app);
  pyodide.runPython("import gc; gc.collect()");
  const written = packWritten(pyodide.FS, before);
  return { stubs, snapshot: { memory: pyodide.makeMemorySnapshot(), written } };
}

/** What a Pyodide has beside the part that `fromPython` uses. */
type WholePyodide = Pyodide & {
  makeMemorySnapshot(): Uint8Array;
  readonly FS: Files & { readonly streams: readonly (OpenFile | null | undefined)[] };
  readonly _module: { readonly jspiSupported: boolean };
};

interface OpenFile {
  readonly fd: number;
  readonly path: string;
}

function start(runtime: PythonRuntime, line: CommandLine): Promise<WholePyodide> {
  const print = (text: string): void => console.error(text);
  const options = {
    env: { ...line.environment },
    stdout: print,
    stderr: print,
    _makeSnapshot: line.snapshot,
  };
  // Of a runtime that this command has just written: it is Pyodide's own.
  return runtime.loadPyodide(options) as Promise<WholePyodide>;
}

/** @throws {Failure} If more than memory and files would have to be kept. */
function checkOpen({ FS }: WholePyodide, app: string): void {
  const open = FS.streams.flatMap((file) => (file && file.fd > 2 ? [file.path] : []));
  if (open.length > 0) {
    throw new Failure(
      `${app} keeps ${open.join(", ")} open after its import, which no snapshot can hold; wanted it closed`,
    );
  }
}

function tracebackOf(error: unknown): string {
  const { cause = error } = error instanceof Error ? error : {};
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}
