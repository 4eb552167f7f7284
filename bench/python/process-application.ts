// Flask in a worker process, to be served by dram/node.

import { fileURLToPath } from "node:url";
import { fromPythonProcess, type PythonProcessApplication } from "dram/from/python/process";

export const application: PythonProcessApplication = fromPythonProcess({
  app: "flaskhello:app",
  cwd: fileURLToPath(new URL("../peers/python", import.meta.url)),
  python: process.env.PYTHON ?? "python3",
  site: [process.env.FLASK ?? ""],
});
