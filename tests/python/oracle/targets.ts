import { fileURLToPath } from "node:url";
import { bootGunicorn } from "../../targets/gunicorn.ts";
import type { Target } from "../../targets/target.ts";

/** A gateway that serves an application of the folder apps/. */
export interface PythonTarget {
  readonly name: string;
  /** @param app `module:attribute` */
  boot(app: string): Promise<Target>;
}

export const APPS: string = fileURLToPath(new URL("./apps", import.meta.url));

export const targets: readonly PythonTarget[] = [
  {
    name: "gunicorn",
    boot: (app) => bootGunicorn({ app, site: [APPS] }),
  },
];
