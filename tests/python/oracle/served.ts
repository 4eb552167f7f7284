// An application in Python for a server of the tests. The URL of this module says which.

import type { Application } from "dram";
import { fromPython, type PythonOptions } from "dram/from/python";

const { options, software }: Served = JSON.parse(
  new URL(import.meta.url).searchParams.get("served") ?? "{}",
);
const python = fromPython(options);
await python.ready();

/** What to serve, as a URL can say it. */
export interface Served {
  readonly options: PythonOptions;
  /** For an application that looks at it. */
  readonly software?: string;
}

export const application: Application = (environ, startResponse) =>
  python(
    software === undefined ? environ : { ...environ, SERVER_SOFTWARE: software },
    startResponse,
  );
