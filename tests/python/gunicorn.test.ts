import { afterAll, beforeAll, describe } from "vitest";
import { bootGunicorn } from "../targets/gunicorn.ts";
import { isInstalled } from "../targets/installed.ts";
import { hasSites } from "../targets/pythonsite.ts";
import type { Target } from "../targets/target.ts";
import { APPLICATIONS } from "./checks/applications.ts";
import { register } from "./checks/check.ts";

// What the checks say of applications holds where these are at home. A check that is wrong fails here.

describe.runIf(isInstalled("python3") && hasSites("gunicorn", "flask", "django", "werkzeug"))(
  "gunicorn",
  () => {
    describe.each(Object.entries(APPLICATIONS))("%s", (_name, { app, site, checks }) => {
      describe.each(["", "/mnt"])("at %j", (mount) => {
        let target: Target & { readonly port: number };

        beforeAll(async () => {
          target = await bootGunicorn({ app, site: site(), variables: { SCRIPT_NAME: mount } });
        });

        afterAll(() => target?.close());

        register(checks, {}, () => ({
          target,
          origin: `http://localhost:${target.port}`,
          mount,
        }));
      });
    });
  },
);
