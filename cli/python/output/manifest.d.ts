import type { PythonSnapshot } from "../../../frameworks/python/mod.ts";

/** What the build knows of itself. */
export interface Manifest {
  /** The version of Pyodide. */
  readonly pyodide: string;
  /** `info` of pyodide-lock.json. */
  readonly lock: Readonly<Record<string, string>>;
  readonly snapshot?: PythonSnapshot;
}

export const manifest: Manifest;
