import { leftOut, rules } from "dram/lint";
import { expect, test } from "vitest";
import { examples } from "./examples.ts";

/** The checks of the three validators of this interface's kind, and our own: L01 to L92. */
const CHECKS = Array.from(
  { length: 92 },
  (_item, index) => `L${String(index + 1).padStart(2, "0")}`,
);
const STRESS = ["A1", "A8", "A9", "M7", "S5", "S7"];

test("each check is a rule, or left out with a reason", () => {
  const ids = new Set(rules.map(({ id }) => id.replace(/b$/, "")));
  expect([...ids, ...Object.keys(leftOut)].sort()).toEqual([...STRESS, ...CHECKS].sort());
});

test("an id stands for one rule", () => {
  const ids = rules.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)]);
});

test("each rule has an example, and each example a rule", () => {
  expect(Object.keys(examples).sort()).toEqual(rules.map(({ id }) => id).sort());
});

test.each(rules)("$id is broken: $text", async ({ id, level, by }) => {
  expect(await examples[id]?.breaks()).toContain(`${level} ${id} ${by}`);
});

test.each(rules)("$id is kept: $text", async ({ id }) => {
  const found = await examples[id]?.keeps();
  expect(found).toEqual(expect.any(Array));
  expect(
    found?.filter((finding) => finding.startsWith("error ") || finding.includes(` ${id} `)),
  ).toEqual([]);
});

test.each(rules)("$id says in one line what to do, and where it comes from", (rule) => {
  expect(rule.text).toMatch(/^[A-Za-z].*[.)]$/);
  expect(rule.fix).toMatch(/^[a-z].*[^.]$/);
  expect(rule.source).toMatch(/^(PEP 3333, |RFC [0-9]+ §|Rack SPEC|dram)/);
});
