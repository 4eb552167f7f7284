import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { rules, variables } from "dram/lint";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { CONDITIONS } from "../../scripts/bundle.ts";
import { specification } from "../../scripts/spec.ts";
import { environOf } from "../core/helpers.ts";

const spec = readFileSync(new URL("../../SPEC.md", import.meta.url), "utf8");

test("SPEC.md is what `npm run spec` writes", () => {
  expect(spec).toBe(specification());
});

test.each(rules)("SPEC.md has $id once", ({ id }) => {
  expect(spec.split("\n").filter((line) => line.startsWith(`| ${id} |`))).toHaveLength(1);
});

test("the table of environ has every key that a gateway sets", () => {
  const known = variables.map(({ key }) => key);
  expect(Object.keys(environOf()).filter((key) => !known.includes(key))).toEqual([]);
});

test.each([
  ["adapters/workers/mod.ts", false],
  ["adapters/fetch/mod.ts", false],
  ["core/mod.ts", false],
  ["core/lint.ts", true],
])("the bundle of %s has lint in it: %s", async (entry, has) => {
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL(`../../${entry}`, import.meta.url))],
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    conditions: CONDITIONS,
  });
  const inputs = Object.keys(metafile.inputs);
  expect(inputs.some((input) => /core\/(lint|rules)\b/.test(input))).toBe(has);
});
