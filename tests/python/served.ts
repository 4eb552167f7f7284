// A build of `dram python build` to serve: the address of this module says which, as JSON in its query.

import { fromPython, type PythonApplication } from "dram/from/python";
import type { Served } from "./platforms.ts";

const { app, build }: Served = JSON.parse(
  new URL(import.meta.url).searchParams.get("served") ?? "",
);
const { default: runtime } = await import(build);

export const application: PythonApplication = fromPython({ app, runtime });
