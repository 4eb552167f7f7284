import type { Area } from "./run/area.ts";

/** Where an area is, and when it is measured. */
export interface Entry {
  readonly about: string;
  /** Why a run that does not name it leaves it out: with --quick, or always. */
  readonly leave?: { readonly quick?: string; readonly always?: string };
  load(): Promise<{ readonly area: Area }>;
}

const STARTS = { quick: "it starts too much for a quick run" };
const OTHERS = { quick: "the way of the adapters is measured by theirs" };
const PYTHON = { always: "it needs Python packages, and minutes of its own: name it" };

/** In the order of the report. */
export const AREAS: Readonly<Record<string, Entry>> = {
  lambda: { about: "the Lambda adapter in process", load: () => import("./lambda/area.ts") },
  "lambda-client": {
    about: "a hello under AWS's own runtime client, warm and cold",
    leave: STARTS,
    load: () => import("./lambda-client/area.ts"),
  },
  fetch: { about: "the Fetch adapter in process", load: () => import("./fetch/area.ts") },
  workers: { about: "Workers in workerd itself", load: () => import("./workers/area.ts") },
  isolates: {
    about: "what one more Worker costs in workerd",
    leave: STARTS,
    load: () => import("./isolates/area.ts"),
  },
  deno: { about: "servers on Deno", load: () => import("./deno/area.ts") },
  node: { about: "servers on Node", load: () => import("./node/area.ts") },
  servers: {
    about: "FastCGI, CGI and HTTP behind nginx and Apache httpd",
    leave: STARTS,
    load: () => import("./servers/area.ts"),
  },
  sizes: { about: "bundles", load: () => import("./sizes/area.ts") },
  "from-fetch": {
    about: "Fetch handlers as applications",
    leave: OTHERS,
    load: () => import("./from-fetch/area.ts"),
  },
  "from-node": {
    about: "listeners of Node and Express as applications",
    leave: STARTS,
    load: () => import("./from-node/area.ts"),
  },
  asgi: { about: "ASGI applications", leave: OTHERS, load: () => import("./asgi/area.ts") },
  websocket: {
    about: "WebSockets on Node",
    leave: STARTS,
    load: () => import("./websocket/area.ts"),
  },
  "websocket-edge": {
    about: "WebSockets in workerd and on Deno",
    leave: STARTS,
    load: () => import("./websocket-edge/area.ts"),
  },
  python: {
    about: "Flask by fromPython and in a process of CPython, beside gunicorn",
    leave: PYTHON,
    load: () => import("./python/area.ts"),
  },
  "python-start": {
    about: "Flask and Django, from the start to the first response",
    leave: PYTHON,
    load: () => import("./python-start/area.ts"),
  },
};
