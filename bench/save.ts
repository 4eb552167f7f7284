import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { AREAS } from "./areas.ts";
import { chart } from "./report/chart.ts";
import { document } from "./report/document.ts";
import type { Results } from "./run/results.ts";
import { soakSection } from "./soak/report.ts";
import { savedSoaks } from "./soak/results.ts";

/** The results that are kept. */
export function saved(): Results {
  return JSON.parse(readFileSync(file("results.json"), "utf8"));
}

/** Puts what was found beside what other areas have from earlier, and makes the report of it. */
export async function save(found: Results): Promise<void> {
  const results: Results = { ...(existsSync(file("results.json")) ? saved() : {}), ...found };
  writeFileSync(file("results.json"), `${JSON.stringify(results, undefined, 2)}\n`);
  await writeReports(results);
}

/** Makes the report of results anew. */
export async function writeReports(results: Results): Promise<void> {
  for (const [name, text] of Object.entries(await reports(results))) {
    writeFileSync(file(name), text);
  }
}

/** The files that follow from results. */
export async function reports(results: Results): Promise<Record<string, string>> {
  const abouts: Record<string, string> = {};
  const notes: Record<string, string> = {};
  for (const [name, entry] of Object.entries(AREAS)) {
    abouts[name] = (await entry.load()).area.about;
    const path = file(`${name}/notes.md`);
    if (existsSync(path)) {
      notes[name] = readFileSync(path, "utf8");
    }
  }
  return {
    "RESULTS.md": document(results, abouts, notes, [soakSection(savedSoaks())]),
    "chart.svg": chart(results),
  };
}

function file(name: string): URL {
  return new URL(name, import.meta.url);
}
