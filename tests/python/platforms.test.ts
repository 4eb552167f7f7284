import { afterAll, beforeAll, describe } from "vitest";
import { hasSites } from "../targets/pythonsite.ts";
import { APPLICATIONS } from "./checks/applications.ts";
import { register } from "./checks/check.ts";
import { type Site, Visitor } from "./checks/visitor.ts";
import { PLATFORMS, serveOn } from "./platforms.ts";

const BUILD = 300_000;

describe.runIf(hasSites("flask", "django", "werkzeug")).each(Object.entries(APPLICATIONS))(
  "%s",
  (_application, project) => {
    describe.each(Object.entries(PLATFORMS))("on %s", (_name, platform) => {
      let site: Site;

      beforeAll(async () => {
        site = await serveOn(platform, project);
        // Python starts with the first request, which takes as long as all the others.
        await new Visitor(site).visit("/");
      }, BUILD);

      afterAll(() => site?.target.close());

      register(project.checks, platform.lacks, () => site);
    });
  },
);
