import { fileURLToPath } from "node:url";
import { site } from "../../targets/pythonsite.ts";
import type { Check } from "./check.ts";
import { DJANGO } from "./django.ts";
import { FLASK } from "./flask.ts";
import { WERKZEUG } from "./werkzeug.ts";

/** A real Python application, and what holds of it. */
export interface PythonProject {
  /** `module:attribute` */
  readonly app: string;
  /** Folders, as sys.path is to have them. */
  site(): string[];
  readonly checks: readonly Check[];
}

export const APPLICATIONS: Readonly<Record<string, PythonProject>> = {
  flask: {
    app: "flaskmore:app",
    site: () => [folder("tests/python/apps"), folder("examples/flask"), site("flask")],
    checks: FLASK,
  },
  django: {
    app: "djangomore:application",
    site: () => [folder("tests/python/apps"), folder("examples/django"), site("django")],
    checks: DJANGO,
  },
  werkzeug: {
    app: "werkzeugapp:application",
    site: () => [folder("tests/python/apps"), site("werkzeug")],
    checks: WERKZEUG,
  },
};

function folder(path: string): string {
  return fileURLToPath(new URL(`../../../${path}`, import.meta.url));
}
