import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Results } from "./run/results.ts";

const RESULTS = new URL("results.json", import.meta.url);

/** Puts what was found beside what other areas have from earlier. */
export function save(found: Results): void {
  const before: Results = existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, "utf8")) : {};
  const results: Results = { ...before, ...found };
  writeFileSync(RESULTS, `${JSON.stringify(results, undefined, 2)}\n`);
}
