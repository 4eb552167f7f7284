// The application of the corpus, which does what a request tells it to, and which tells of itself.

import type { Application } from "dram";
import { application as hostile, snapshot } from "../../../tests/hostile/application.ts";
import { application as soaked } from "../application.ts";

export const application: Application = (environ, startResponse) => {
  // What it keeps of each request for a test would grow for ever here.
  snapshot().paths.length = 0;
  return environ.PATH_INFO === "/state"
    ? soaked(environ, startResponse)
    : hostile(environ, startResponse);
};
