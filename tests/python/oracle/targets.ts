import { fileURLToPath } from "node:url";
import { bootDeno } from "../../targets/deno.ts";
import { bootGunicorn } from "../../targets/gunicorn.ts";
import { bootNode } from "../../targets/node.ts";
import type { Target } from "../../targets/target.ts";
import type { Served } from "./served.ts";

/** A gateway that serves applications of the folder apps/. */
export interface PythonTarget {
  readonly name: string;
  /** @param app `module:attribute` */
  boot(app: string, options?: BootOptions): Promise<Target>;
}

export interface BootOptions {
  /** Folders of packages that the application needs. */
  readonly site?: readonly string[];
  readonly mount?: string;
  /** SERVER_SOFTWARE, for an application that looks at it. */
  readonly software?: string;
}

const APPS = fileURLToPath(new URL("./apps", import.meta.url));

/** What all others are measured by. */
export const gunicorn: PythonTarget = {
  name: "gunicorn",
  boot: (app, { site = [], mount = "" } = {}) =>
    bootGunicorn({ app, site: [APPS, ...site], variables: { SCRIPT_NAME: mount } }),
};

export const node: PythonTarget = {
  name: "node",
  boot: (app, { mount = "", ...options } = {}) =>
    bootNode({ module: served(app, options), options: { scriptName: mount } }),
};

export const deno: PythonTarget = {
  name: "deno",
  boot: (app, { mount = "", ...options } = {}) =>
    bootDeno({
      module: served(app, options),
      options: { scriptName: mount },
      flags: ["--allow-env", "--allow-sys"],
    }),
};

export const targets: readonly PythonTarget[] = [gunicorn, node, deno];

function served(app: string, { site = [], software }: Omit<BootOptions, "mount">): string {
  const module = new URL("./served.ts", import.meta.url);
  const what: Served = {
    options: { app, site: [APPS, ...site] },
    ...(software === undefined ? {} : { software }),
  };
  module.searchParams.set("served", JSON.stringify(what));
  return module.href;
}
