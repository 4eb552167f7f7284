import type { PythonOptions } from "dram/from/python";
import { bootDeno } from "../targets/deno.ts";
import { bootNode } from "../targets/node.ts";
import type { PythonProject } from "./checks/applications.ts";
import type { Ability, Site } from "./checks/visitor.ts";

/** Where `fromPython` runs. */
export interface Platform {
  readonly lacks: readonly Ability[];
  boot(project: PythonProject, mount: string): Promise<Site & { close(): Promise<void> }>;
}

export const PLATFORMS: Readonly<Record<string, Platform>> = {
  node: {
    lacks: [],
    async boot(project, mount) {
      const server = await bootNode({ module: moduleOf(project), options: { scriptName: mount } });
      return at(server, `http://localhost:${server.port}`, mount);
    },
  },
  deno: {
    lacks: ["reason"],
    async boot(project, mount) {
      const server = await bootDeno({
        module: moduleOf(project),
        options: { scriptName: mount },
        flags: ["--allow-env", "--allow-read"],
      });
      return at(server, `http://localhost:${server.port}`, mount);
    },
  },
};

function moduleOf({ app, site }: PythonProject): string {
  const module = new URL("./served.ts", import.meta.url);
  const options: PythonOptions = { app, site: site() };
  module.searchParams.set("options", JSON.stringify(options));
  return module.href;
}

function at(
  target: Site["target"],
  origin: string,
  mount: string,
): Site & { close(): Promise<void> } {
  return { target, origin, mount, lacks: [], close: () => target.close() };
}
