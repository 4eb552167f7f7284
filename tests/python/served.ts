// A Python application to serve: the address of this module says which, as JSON in its query.

import { fromPython, type PythonApplication, type PythonOptions } from "dram/from/python";

const options: PythonOptions = JSON.parse(
  new URL(import.meta.url).searchParams.get("options") ?? "",
);

export const application: PythonApplication = fromPython(options);
