// An application in Python to be served. DRAM_SERVED says which, or the URL of this module does.

import type { Application } from "dram";
import { fromPython, type PythonOptions } from "dram/from/python";
import { fromPythonProcess } from "dram/from/python/process";

/** What to serve, as JSON can say it. */
export interface Served {
  readonly options: Pick<PythonOptions, "app" | "site">;
  /** On CPython, not on Pyodide. */
  readonly python?: string;
  /** The path of a build by `dram python build`; default: Pyodide as it is. */
  readonly build?: string;
  /** SERVER_SOFTWARE, for an application that looks at it. */
  readonly software?: string;
}

const { options, python, build, software }: Served = JSON.parse(
  new URL(import.meta.url).searchParams.get("served") ?? process.env.DRAM_SERVED ?? "",
);

const made =
  python === undefined
    ? fromPython({
        ...options,
        ...(build === undefined ? {} : { runtime: (await import(build)).default }),
      })
    : fromPythonProcess({ app: options.app, site: options.site?.map(String) ?? [], python });
await made.ready();

export const application: Application =
  software === undefined
    ? made
    : (environ, startResponse) => {
        environ.SERVER_SOFTWARE = software;
        return made(environ, startResponse);
      };
