import { expect, test } from "vitest";
import { choose } from "../../bench/soak/choose.ts";
import { parts } from "../../bench/soak/parts.ts";
import { soakSection } from "../../bench/soak/report.ts";
import { savedSoaks } from "../../bench/soak/results.ts";

function names(...given: string[]): string[] {
  return choose(parts, given).map(({ goal, platform }) => `${goal} ${platform}`);
}

test("a soak has all goals", () => {
  expect([...new Set(parts.map(({ goal }) => goal))]).toEqual(
    Array.from({ length: 12 }, (_, index) => `G${index + 1}`),
  );
});

test("a goal and a platform choose what both are of", () => {
  expect(names("G2", "deno", "lambda")).toEqual(["G2 deno", "G2 lambda"]);
});

test("a platform alone chooses all its goals", () => {
  expect(names("apache")).toEqual(["G11 fastcgi behind apache"]);
});

test("no name chooses everything", () => {
  expect(choose(parts, [])).toEqual(parts);
});

test("an unknown name is told, with those that there are", () => {
  expect(() => names("G2", "G13", "bun")).toThrow(
    /^G13, bun: no goal and no platform; known are G1, G2, .*, G12, node, deno, workerd, fastcgi, lambda, python, nginx, apache$/,
  );
});

test("a goal and a platform that no part has together are told", () => {
  expect(() => names("G1", "workerd")).toThrow("G1 workerd: no part has all of these");
});

test("every part has a figure that is kept", () => {
  const kept = savedSoaks().parts.map(({ goal, platform, aim }) => [goal, platform, aim]);
  expect(kept).toEqual(parts.map(({ goal, platform, aim }) => [goal, platform, aim]));
});

test("a figure that is missed stands out in the report", () => {
  const common = { date: "2026-11-24", seconds: 1, aim: "none" } as const;
  const section = soakSection({
    machine: "a machine",
    versions: { node: "24.0.0", deno: "2.0.0" },
    parts: [
      { ...common, goal: "G1", platform: "node", figure: "0 | 0", verdict: "pass" },
      { ...common, goal: "G2", platform: "deno", figure: "1", verdict: "FAIL", date: "2026-11-25" },
      { ...common, goal: "G3", platform: "deno", figure: "1", verdict: "FAIL", reason: "it is V8" },
      { ...common, goal: "G4", platform: "node", figure: "elsewhere", verdict: "n.a." },
    ],
  });
  expect(section.split("\n").slice(2)).toEqual([
    "`npm run soak`, 2026-11-24 to 2026-11-25; a machine; node 24.0.0, deno 2.0.0. Each part has a server in a process of its own, and the machine for itself. 1 passed, 2 failed.",
    "",
    "| goal | platform | aim | reached | |",
    "|---|---|---|---|---|",
    "| G1 | node | none | 0 \\| 0 | pass |",
    "| G2 | deno | none | 1 | **FAIL** |",
    "| G3 | deno | none | 1 | **FAIL**: it is V8 |",
    "| G4 | node | none | elsewhere | n.a. |",
  ]);
});
