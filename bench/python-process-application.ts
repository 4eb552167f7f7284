// Flask in a worker process, to be served by dram/node.

import { fromPythonProcess, type PythonProcessApplication } from "dram/from/python/process";

export const application: PythonProcessApplication = fromPythonProcess({
  app: "flaskhello:app",
  cwd: import.meta.dirname,
  python: process.env.PYTHON ?? "python3",
  site: [process.env.FLASK ?? ""],
});
