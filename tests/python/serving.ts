// An application in Python, for a server in a process of its own. The URL of this module says which,
// and with which options.

import type { PythonApplication, PythonOptions } from "dram/from/python";
import { fromPython } from "dram/from/python";
import { apps } from "./apps.ts";

const given = new URL(import.meta.url).searchParams.get("options");
const options: Partial<PythonOptions> = JSON.parse(given ?? "{}");

export const application: PythonApplication = fromPython({
  app: "spec:app",
  site: [apps],
  ...options,
});

await application.ready();
