import { expect, test } from "vitest";
import { gaps, table } from "./report.ts";
import type { Bootable } from "./target.ts";

const missing: Bootable = {
  name: "missing",
  platform: "A server",
  adapter: "`serve`",
  proof: "version 1",
  runtime: "",
  software: "",
  lacks: {},
  boot: () => Promise.reject(new Error("it is not installed")),
};

test("the row of a target that could not run stays as it was", () => {
  const row = "| A server | `serve` | version 1 | 7 | 8 | 9 |\n";
  const earlier = `| other | x | y | 1 | 2 | 3 |\n${row}`;
  expect(table([{ target: missing, outcomes: undefined }], earlier)).toContain(row);
});

test("the section of a target that could not run stays as it was", () => {
  const section = "## A server: `serve`\n\nNo expected failures.\n\nNothing is missing.\n";
  const earlier = `\n## Other: x\n\nx\n\n${section}\n## Last: y\n\ny\n`;
  expect(gaps([{ target: missing, outcomes: undefined }], earlier)).toBe(section);
});
