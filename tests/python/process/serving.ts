// The same in processes of CPython: of `options`, what Pyodide alone has is left out.

import type { PythonOptions } from "dram/from/python";
import { fromPythonProcess, type PythonProcessApplication } from "dram/from/python/process";
import { apps } from "../apps.ts";

const given = new URL(import.meta.url).searchParams.get("options");
const { app = "spec:app", environment = {} }: Partial<PythonOptions> = JSON.parse(given ?? "{}");

export const application: PythonProcessApplication = fromPythonProcess({
  app,
  environment,
  site: [apps],
});
