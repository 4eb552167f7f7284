import { afterAll, beforeAll, describe } from "vitest";
import { hasSites } from "../targets/pythonsite.ts";
import { APPLICATIONS } from "./checks/applications.ts";
import { register } from "./checks/check.ts";
import { PLATFORMS } from "./platforms.ts";

describe.each(Object.entries(PLATFORMS))("on %s", (_platform, { lacks, boot }) => {
  describe.runIf(hasSites("flask", "django", "werkzeug")).each(Object.entries(APPLICATIONS))(
    "%s",
    (_name, project) => {
      describe.each(["", "/mnt"])("at %j", (mount) => {
        let site: Awaited<ReturnType<typeof boot>>;

        beforeAll(async () => {
          site = await boot(project, mount);
        });

        afterAll(() => site?.close());

        register(project.checks, lacks, () => site);
      });
    },
  );
});
