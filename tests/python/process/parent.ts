// Served in a process of its own, which the tests end: by dram/node, dram/cgi or dram/fastcgi.

import { fileURLToPath } from "node:url";
import { fromPythonProcess, type PythonProcessApplication } from "dram/from/python/process";

export const application: PythonProcessApplication = fromPythonProcess({
  app: process.env.PYTHON_APP ?? "steps:application",
  cwd: process.env.PYTHON_CWD ?? fileURLToPath(new URL("./apps", import.meta.url)),
  site: JSON.parse(process.env.PYTHON_SITE ?? "[]"),
  workers: 2,
});
