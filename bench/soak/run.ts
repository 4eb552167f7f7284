// `npm run soak`: leaks, memory, faults under long load. Exits with 1 if a figure is missed.

import { parseArgs } from "node:util";
import { saved, writeReports } from "../save.ts";
import { choose } from "./choose.ts";
import { judge, type Outcome, type Part } from "./part.ts";
import { parts } from "./parts.ts";
import { type SoakResult, save } from "./results.ts";

const USAGE = `npm run soak -- [NAME...] [--save] [--scale N]

NAME     goals and platforms; those that are named of both, else all
--save   writes the figures to bench/soak.json, beside those of other parts
--scale  0.05 does a twentieth of everything, and proves nothing
SEED=N   in the environment: what is random of G8 and G9 as it was`;

/** Milliseconds for a part that was to take 60 s at most. */
const PATIENCE = 120_000;

// Ends the servers: they go with this process.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => process.exit(1));
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      save: { type: "boolean", default: false },
      scale: { type: "string", default: "1" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const scale = Number(values.scale);
  if (!(scale > 0 && scale <= 1)) {
    throw new Error(`--scale ${values.scale}: wanted a number above 0, and at most 1`);
  }
  if (values.save && scale !== 1) {
    throw new Error("--save with --scale: only whole figures are saved");
  }
  const made: SoakResult[] = [];
  for (const part of choose(parts, positionals)) {
    made.push(await measure(part, scale));
  }
  if (values.save) {
    save(made, parts);
    await writeReports(saved());
  }
  const passed = made.filter(({ verdict }) => verdict === "pass").length;
  const failed = made.filter(({ verdict }) => verdict === "FAIL").length;
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}

async function measure(part: Part, scale: number): Promise<SoakResult> {
  const { goal, platform, aim, reason } = part;
  const begun = performance.now();
  const { verdict, figure } = await within(part.run(scale));
  const seconds = Math.round((performance.now() - begun) / 1000);
  const title = [verdict.padEnd(4), goal.padEnd(3), platform.padEnd(7)].join("  ");
  console.log(`${title}  ${figure}  (aim: ${aim})`);
  const date = new Date().toISOString().slice(0, 10);
  const made = { goal, platform, aim, figure, verdict, date, seconds };
  return verdict === "FAIL" && reason !== undefined ? { ...made, reason } : made;
}

function within(running: Promise<Outcome>): Promise<Outcome> {
  const failed = running.catch((error: unknown) => judge(false, String(error)));
  const late = new Promise<Outcome>((resolve) => {
    setTimeout(() => resolve(judge(false, `no end within ${PATIENCE / 1000} s`)), PATIENCE).unref();
  });
  return Promise.race([failed, late]);
}
