import { parseArgs } from "node:util";
import { AREAS } from "./areas.ts";

/** What is asked for. */
export interface Wanted {
  readonly names: readonly string[];
  /** What is not measured though it could be, and why: lines to print. */
  readonly left: readonly string[];
  readonly quick: boolean;
  readonly save: boolean;
}

const known = Object.keys(AREAS);

export const HELP: string = `npm run bench [-- [--quick] [--save] [AREA...]]

Measures dram beside what is written by hand for each platform ("bare") and beside comparable libraries.
Areas, all of them if none is named:

${Object.entries(AREAS)
  .map(
    ([name, { about, leave }]) =>
      `  ${name.padEnd(16)} ${about}${leave?.always ? " (only if named)" : ""}`,
  )
  .join("\n")}

  --quick   fewer and shorter rounds, without what takes long to start: to see a big change, no more
  --save    writes bench/results.json, and from it bench/RESULTS.md and bench/chart.svg; areas that are
            not measured keep what they have
  --report  writes the last two again, from bench/results.json and the notes of the areas
`;

/** The command line, or what is wrong with it. */
export function parse(
  parameters: readonly string[],
): Wanted | "help" | "report" | { mistake: string } {
  const { values, positionals } = parseArgs({
    args: [...parameters],
    allowPositionals: true,
    strict: false,
    options: {
      quick: { type: "boolean" },
      save: { type: "boolean" },
      report: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  const { quick = false, save = false, report = false, help = false, ...others } = values;
  if (help) {
    return "help";
  }
  const [option] = Object.keys(others);
  if (option !== undefined) {
    return { mistake: `no option --${option}; there are --quick, --save, --report and --help` };
  }
  if (report) {
    return "report";
  }
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    return { mistake: `no area ${unknown}; there are ${known.join(", ")}` };
  }
  if (quick && save) {
    return { mistake: "--quick is too rough to be saved" };
  }
  const asked = positionals.length > 0 ? known.filter((name) => positionals.includes(name)) : known;
  const reasons = new Map(asked.map((name) => [name, reasonToLeave(name, quick, positionals)]));
  return {
    names: asked.filter((name) => reasons.get(name) === undefined),
    left: [...reasons].flatMap(([name, reason]) => (reason ? [`without ${name}: ${reason}`] : [])),
    quick: Boolean(quick),
    save: Boolean(save),
  };
}

function reasonToLeave(
  name: string,
  quick: unknown,
  positionals: readonly string[],
): string | undefined {
  if (positionals.includes(name)) {
    return undefined;
  }
  const leave = AREAS[name]?.leave;
  return leave?.always ?? (quick ? leave?.quick : undefined);
}
