import type { Area } from "./run/area.ts";

/** Where an area is, and when it is measured. */
export interface Entry {
  readonly about: string;
  /** Why a run that does not name it leaves it out: with --quick, or always. */
  readonly leave?: { readonly quick?: string; readonly always?: string };
  load(): Promise<{ readonly area: Area }>;
}

/** In the order of the report. */
export const AREAS: Readonly<Record<string, Entry>> = {
  lambda: {
    about: "the Lambda adapter in process",
    load: () => import("./lambda/area.ts"),
  },
  fetch: {
    about: "the Fetch adapter in process",
    load: () => import("./fetch/area.ts"),
  },
  workers: {
    about: "Workers in workerd itself",
    load: () => import("./workers/area.ts"),
  },
  deno: {
    about: "servers on Deno",
    load: () => import("./deno/area.ts"),
  },
  node: {
    about: "servers on Node",
    load: () => import("./node/area.ts"),
  },
};
