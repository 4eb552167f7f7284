import type { Outcome } from "dram/conformance";
import { type KnownFailure, knownFailure } from "../known-failures.ts";
import type { Bootable } from "./target.ts";

/** How one target did. */
export interface Run {
  readonly target: Bootable;
  readonly outcomes: readonly Outcome[];
}

/** The table "what runs where" of README.md. */
export function table(runs: readonly Run[]): string {
  const rows = runs.map(({ target, outcomes }) => {
    const count = (result: Outcome["result"]) =>
      outcomes.filter((outcome) => outcome.result === result).length;
    const cells = [
      target.platform,
      target.adapter,
      target.proof,
      count("passed"),
      count("failed"),
      count("not applicable"),
    ];
    return `| ${cells.join(" | ")} |\n`;
  });
  return [
    "| platform | adapter | proved on | passed | expected failures | not applicable |\n",
    "|---|---|---|---|---|---|\n",
    ...rows,
  ].join("");
}

/** For docs/conformance.md: each target with what it does not pass, and why. */
export function gaps(runs: readonly Run[]): string {
  return runs
    .map(({ target, outcomes }) => {
      const failed = outcomes
        .filter(({ result }) => result === "failed")
        .map(
          ({ id, name }) => `- ${id} ${name}: ${why(knownFailure(target.name, `${id} ${name}`))}\n`,
        );
      const absent = Object.entries(target.lacks).map(([feature, reason]) => {
        const ids = outcomes
          .filter((outcome) => outcome.result === "not applicable" && outcome.reason === reason)
          .map(({ id }) => id);
        return `- no \`${feature}\`: ${reason}${ids.length > 0 ? ` (not applicable: ${ids.join(", ")})` : ""}\n`;
      });
      return [
        `## ${target.platform}: ${target.adapter}\n\n`,
        failed.length > 0
          ? `Expected failures:\n\n${failed.join("")}\n`
          : "No expected failures.\n\n",
        absent.length > 0 ? `What is not there:\n\n${absent.join("")}` : "Nothing is missing.\n",
      ].join("");
    })
    .join("\n");
}

function why(known: KnownFailure | undefined): string {
  if (known === undefined) {
    return "not expected";
  }
  return known.report === undefined ? known.reason : `${known.reason} (${known.report})`;
}
