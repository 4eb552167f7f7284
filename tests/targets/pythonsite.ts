import { join } from "node:path";

/** The folder of Python packages, as `sys.path` has them, that is named for a framework. */
export function site(name: string): string {
  return join(process.env.DRAM_PYTHON_SITES ?? "", name);
}
