import { fileURLToPath } from "node:url";
import { build } from "../../scripts/python/build.ts";
import type { PythonBuild } from "../targets/pythonbuild.ts";
import type { PythonProject } from "./checks/applications.ts";

/** What `dram python build` makes of an application, kept for the next run. */
export async function built({ app, site }: PythonProject): Promise<PythonBuild> {
  const [name = ""] = app.split(":");
  const folder = fileURLToPath(new URL(`../../.python/built/${name}/python`, import.meta.url));
  await build({ app, site: site(), out: folder });
  return { folder, output: "", remove() {} };
}
