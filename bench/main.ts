// `npm run bench`: how dram does beside what is written by hand, and beside comparable libraries.

import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AREAS } from "./areas.ts";
import { HELP, parse } from "./commandline.ts";
import { cellText } from "./report/terminal.ts";
import { COMPLETE, QUICK } from "./run/area.ts";
import { factsNow, factsText } from "./run/facts.ts";
import { installPeers } from "./run/peers.ts";
import { endFamily } from "./run/process.ts";
import type { AreaResult, Cell, Facts } from "./run/results.ts";
import { save, saved, writeReports } from "./save.ts";

const wanted = parse(process.argv.slice(2));
if (wanted === "help") {
  console.log(HELP);
} else if (wanted === "report") {
  await writeReports(saved());
} else if ("mistake" in wanted) {
  console.error(wanted.mistake);
  process.exitCode = 2;
} else {
  // As it is deployed: Express has another way otherwise.
  process.env.NODE_ENV = "production";
  leaveNothing();
  await run(wanted.names, wanted.left, wanted.quick, wanted.save);
}

/** However it ends, its servers end with it, and their files go. */
function leaveNothing(): void {
  const folder = mkdtempSync(join(tmpdir(), "dram-bench-"));
  // For the user of a web server, too.
  chmodSync(folder, 0o755);
  process.env.TMPDIR = folder;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => process.exit(1));
  }
  process.once("exit", () => {
    endFamily();
    rmSync(folder, { recursive: true, force: true });
  });
}

async function run(
  names: readonly string[],
  left: readonly string[],
  quick: boolean,
  saving: boolean,
): Promise<void> {
  try {
    installPeers();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
  // Once: later the load is the bench's own.
  const facts = factsNow();
  console.log(factsText(facts));
  for (const reason of left) {
    console.log(reason);
  }
  for (const name of names) {
    try {
      const result = await measure(name, facts, quick);
      if (saving && result !== undefined) {
        // As each is found: what comes later may be interrupted.
        await save({ [name]: result });
      }
    } catch (error) {
      // The other areas may do.
      console.error(`${name}: FAILED: ${error instanceof Error ? error.message : error}`);
      process.exitCode = 1;
    }
  }
}

async function measure(
  name: string,
  facts: Facts,
  quick: boolean,
): Promise<AreaResult | undefined> {
  const entry = AREAS[name];
  const { area } = (await entry?.load()) ?? {};
  if (area === undefined) {
    return undefined;
  }
  const begin = performance.now();
  const cells: Cell[] = [];
  console.log(`\n${name}: ${area.about}`);
  for await (const cell of area.measure(quick ? QUICK : COMPLETE)) {
    cells.push(cell);
    console.log(cellText(cell));
  }
  const seconds = Math.round((performance.now() - begin) / 1000);
  console.log(`${name}: ${seconds} s`);
  const command = ["npm run bench --", ...process.argv.slice(2)].join(" ");
  return { date: new Date().toISOString().slice(0, 10), command, seconds, facts, cells };
}
