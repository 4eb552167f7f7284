import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasSites, site } from "../../targets/pythonsite.ts";
import type { Target } from "../../targets/target.ts";
import { ask, differencesOf } from "./answer.ts";
import { DIFFERENCES } from "./differences.ts";
import { REQUESTS } from "./httpbin.ts";
import { deno, gunicorn, node, nodeProcess } from "./targets.ts";

/** httpbin takes bodies in chunks of nobody but gunicorn. */
const SOFTWARE = "gunicorn/26";

describe.runIf(hasSites("httpbin", "gunicorn")).each([node, nodeProcess, deno])(
  "httpbin through dram on $name is as through gunicorn",
  (target) => {
    const met = new Set<object>();
    let oracle: Target;
    let dram: Target;

    beforeAll(async () => {
      const options = { site: [site("httpbin")], software: SOFTWARE };
      oracle = await gunicorn.boot("httpbin:app", options);
      dram = await target.boot("httpbin:app", options);
    });

    afterAll(async () => {
      await oracle?.close();
      await dram?.close();
    });

    test.each(Object.entries(REQUESTS))("%s", async (name, request) => {
      const found = differencesOf(await ask(oracle, request), await ask(dram, request));
      const unknown = found.filter((line) => {
        const difference = DIFFERENCES.find(
          ({ targets = [target.name], requests = [name], what }) =>
            targets.includes(target.name) && requests.includes(name) && what.test(line),
        );
        if (difference !== undefined) {
          met.add(difference);
        }
        return difference === undefined;
      });
      expect(unknown).toEqual([]);
    });

    test("every difference that is listed is there", () => {
      const listed = DIFFERENCES.filter(({ targets = [target.name] }) =>
        targets.includes(target.name),
      );
      expect(listed.filter((difference) => !met.has(difference))).toEqual([]);
    });
  },
);
