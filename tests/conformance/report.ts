import type { Outcome } from "dram/conformance";
import { type KnownFailure, knownFailure } from "../known-failures.ts";
import type { Bootable } from "./target.ts";

/** How one target did. */
export interface Run {
  readonly target: Bootable;
  /** Nothing if it could not run: then what an earlier run has found stays. */
  readonly outcomes: readonly Outcome[] | undefined;
}

/**
 * The table "what runs where" of README.md.
 *
 * @param earlier The one that an earlier run has made.
 */
export function table(runs: readonly Run[], earlier: string): string {
  const rows = runs.map(({ target, outcomes }) => {
    const start = `| ${target.platform} | ${target.adapter} | ${target.proof} | `;
    if (outcomes === undefined) {
      return `${earlier.split("\n").find((line) => line.startsWith(start))}\n`;
    }
    const count = (result: Outcome["result"]) =>
      outcomes.filter((outcome) => outcome.result === result).length;
    const counts = [count("passed"), count("failed"), count("not applicable")];
    return `${start}${counts.join(" | ")} |\n`;
  });
  return [
    "| platform | adapter | proved on | passed | expected failures | not applicable |\n",
    "|---|---|---|---|---|---|\n",
    ...rows,
  ].join("");
}

/**
 * For docs/conformance.md: each target with what it does not pass, and why.
 *
 * @param earlier What an earlier run has made.
 */
export function gaps(runs: readonly Run[], earlier: string): string {
  return runs
    .map(({ target, outcomes }) => {
      const heading = `## ${target.platform}: ${target.adapter}\n\n`;
      if (outcomes === undefined) {
        const section = earlier.split(/^(?=## )/m).find((text) => text.startsWith(heading));
        return `${section?.trimEnd()}\n`;
      }
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
        heading,
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
