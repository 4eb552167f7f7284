import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { AREAS } from "../../bench/areas.ts";
import { parse } from "../../bench/commandline.ts";
import { verdicts } from "../../bench/goals.ts";
import { document } from "../../bench/report/document.ts";
import type { Results } from "../../bench/run/results.ts";
import { reports, saved } from "../../bench/save.ts";

const root = new URL("../../", import.meta.url);

test.each(["RESULTS.md", "chart.svg"])(
  "bench/%s is what bench/results.json gives",
  async (name) => {
    const written = readFileSync(new URL(`bench/${name}`, root), "utf8");
    expect((await reports(saved()))[name]).toBe(written);
  },
);

test("every area that the README names is there", () => {
  const readme = readFileSync(new URL("README.md", root), "utf8");
  const named = [...readme.matchAll(/npm run bench -- ((?:[a-z][a-z-]*\b *)+)/g)].flatMap(
    ([, names = ""]) => names.trim().split(" "),
  );
  expect(named).not.toEqual([]);
  expect(named.filter((name) => !(name in AREAS))).toEqual([]);
});

test("an unknown area is told, with those that there are", () => {
  expect(parse(["lamda"])).toEqual({
    mistake: `no area lamda; there are ${Object.keys(AREAS).join(", ")}`,
  });
});

test("areas are measured by name", () => {
  expect(parse(["node", "lambda"])).toMatchObject({ names: ["lambda", "node"], left: [] });
});

test("a quick run says what it leaves out", () => {
  const wanted = parse(["--quick"]);
  expect(wanted).toMatchObject({ names: expect.not.arrayContaining(["lambda-client"]) });
  expect(wanted).toMatchObject({
    left: expect.arrayContaining(["without lambda-client: it starts too much for a quick run"]),
  });
});

test("a wrong answer is shown as WRONG with what was said, not as a figure", () => {
  const text = document(RESULTS, {}, {});
  expect(text).toContain("| v2 hello | 1.00 | 0.10 | 0.020 | WRONG |");
  expect(text).toContain("| v2 hello | srvx | WRONG | `502 bad` |");
});

test("cells in which another library is ahead are listed", () => {
  const [cell] = RESULTS.lambda?.cells ?? [];
  const ahead = { name: "hono", median: 9, min: 9, max: 9 };
  const figures = [...(cell?.figures ?? []).slice(0, 2), ahead];
  const results = { lambda: { ...RESULTS.lambda, cells: [{ ...cell, figures }] } } as Results;
  expect(document(results, {}, {})).toContain(
    "| lambda | v2 hello | dram 0.01 µs | hono 0.01 µs |",
  );
  expect(document(RESULTS, {}, {})).toContain("Nowhere.");
});

test("goals are told by the figures of their area", () => {
  const found = verdicts(RESULTS).map(({ what, figure, isReached }) => [what, figure, isReached]);
  expect(found).toEqual([
    ["times hono, geometric mean of all cells", expect.closeTo(5, 9), false],
    ["times hono, v2 hello", 5, false],
    ["times the quickest peer, the worst cell", 5, true],
  ]);
});

test("a goal that is missed says why", () => {
  const silent = verdicts(saved()).filter(({ isReached, reason }) => !isReached && !reason);
  expect(silent.map(({ area, what }) => `${area}: ${what}`)).toEqual([]);
});

test("a goal is not reached by rounding", () => {
  const [cell] = RESULTS.lambda?.cells ?? [];
  const hono = { name: "hono", median: 99.96, min: 99.96, max: 99.96 };
  const figures = [...(cell?.figures ?? []).slice(0, 2), hono];
  const results = { lambda: { ...RESULTS.lambda, cells: [{ ...cell, figures }] } } as Results;
  const found = verdicts(results).find(({ what }) => what === "times hono, v2 hello");
  expect(found).toMatchObject({ figure: expect.closeTo(9.996, 9), isReached: false });
});

const RESULTS: Results = {
  lambda: {
    date: "2026-11-24",
    command: "npm run bench",
    facts: { cpu: "a CPU", cores: 2, load: 0, versions: { node: "24.0.0" } },
    cells: [
      {
        title: "v2 hello",
        unit: "ns",
        better: "less",
        figures: [
          { name: "bare", median: 1, min: 1, max: 1 },
          { name: "dram", median: 10, min: 9, max: 12 },
          { name: "hono", median: 50, min: 50, max: 50 },
          { name: "srvx", wrong: "502 bad" },
        ],
      },
    ],
  },
};
