import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasSites } from "../../targets/pythonsite.ts";
import { APPLICATIONS } from "../checks/applications.ts";
import { register } from "../checks/check.ts";
import type { Site } from "../checks/visitor.ts";
import { PLATFORMS, serveOn } from "../platforms.ts";
import { COMPLAINT } from "./complaint.ts";
import { APPS } from "./targets.ts";

const BUILD = 300_000;

describe.runIf(hasSites("flask", "django", "werkzeug")).each(Object.entries(APPLICATIONS))(
  "%s with wsgiref.validate around it",
  (name, project) => {
    describe.each(Object.entries(PLATFORMS))("on %s", (_platform, platform) => {
      let site: Site;

      beforeAll(async () => {
        const folders = [APPS, ...project.site()];
        const app = `validated:${name}()`;
        site = await serveOn(platform, { ...project, app, site: () => folders });
      }, BUILD);

      afterAll(() => site?.target.close());

      register(project.checks, platform.lacks, () => site);

      test("and it had nothing to complain of", () => {
        expect(site.target.log.filter((line) => COMPLAINT.test(line))).toEqual([]);
      });
    });
  },
);
