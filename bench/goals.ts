// The goals, as data: what was wanted beside what was reached.

import type { Reason } from "./reasons.ts";
import { type Cell, figureOf, isFigure, type Results, ratio } from "./run/results.ts";
import { geometricMean } from "./run/statistics.ts";

interface Goal {
  readonly area: string;
  readonly what: string;
  /** At least or at most so much. */
  readonly goal: readonly ["≥" | "≤", number];
  readonly unit?: "×" | "kB" | "ms";
  /** Nothing while the area has not been measured. */
  reached(cells: readonly Cell[]): number | undefined;
  /** Why not, if it is not. */
  readonly reason?: Reason;
}

/** A goal beside the figure that was reached. */
export interface Verdict extends Goal {
  readonly figure: number;
  readonly isReached: boolean;
}

const LAMBDA_PEERS = [
  ...["serverless-http", "hono", "serverless-express", "srvx", "fastify", "hattip"],
];
const HELLOS = ["v2 hello", "v1 hello", "ALB hello"];

const GOALS: readonly Goal[] = [
  {
    area: "lambda",
    what: "times hono, geometric mean of all cells",
    goal: ["≥", 12],
    unit: "×",
    reached: (cells) => geometricMeanOver(timed(cells), "hono"),
    reason: "their own work",
  },
  ...HELLOS.map(
    (title): Goal => ({
      area: "lambda",
      what: `times hono, ${title}`,
      goal: ["≥", 10],
      unit: "×",
      reached: over(title, "hono"),
      reason: "every value is checked",
    }),
  ),
  {
    area: "lambda",
    what: "times the quickest peer, the worst cell",
    goal: ["≥", 1],
    unit: "×",
    reached: (cells) => worstOver(timed(cells), LAMBDA_PEERS),
    reason: "their own work",
  },
  {
    area: "lambda",
    what: "times serverless-http, the worst small GET",
    goal: ["≥", 4],
    unit: "×",
    reached: (cells) =>
      worstOver(
        cells.filter(({ title }) => HELLOS.includes(title) || title === "v2 8 cookies"),
        ["serverless-http"],
      ),
    reason: "every value is checked",
  },
  {
    area: "lambda",
    what: "of bare, JSON text in and out",
    goal: ["≥", 0.75],
    reached: over("v2 hello, JSON text in and out"),
    reason: "JSON is half of bare",
  },
  {
    area: "lambda",
    what: "kB allocated for v2 hello",
    goal: ["≤", 5],
    unit: "kB",
    reached: (cells) => thousands(median(cells, "v2 hello, allocated")),
  },
  {
    area: "lambda-client",
    what: "of bare, warm under AWS's client, by CPU time",
    goal: ["≥", 0.95],
    reached: over("warm, CPU time of an invocation"),
    reason: "every value is checked",
  },
  {
    area: "lambda-client",
    what: "ms over bare, import and first invocation",
    goal: ["≤", 3],
    unit: "ms",
    reached: (cells) => difference(cells, "import and first invocation, wall time"),
    reason: "bytes of code",
  },
  ...sizes("lambda", 8, 3.5),
  ...[
    "hello as text",
    "hello as bytes",
    "one header read",
    "all headers read",
    "echo of 1 kB",
  ].flatMap((title): Goal[] => {
    const reason = title.startsWith("echo") ? "promises and a body" : "every header is read";
    return [
      { area: "fetch", what: `of bare, ${title}`, goal: ["≥", 0.92], reached: over(title), reason },
      {
        area: "fetch",
        what: `times hono, ${title}`,
        goal: ["≥", 1],
        unit: "×",
        reached: over(title, "hono"),
        reason,
      },
    ];
  }),
  ...hellos("workers", 0.92),
  ...bodies("workers", "the stream that tells of its end"),
  ...sizes("workers", 8, 3),
  {
    area: "isolates",
    what: "ms over bare for one more Worker",
    goal: ["≤", 0.3],
    unit: "ms",
    reached: (cells) => difference(cells, "CPU time of one more"),
    reason: "bytes of code",
  },
  ...hellos("deno", 0.85),
  ...bodies("deno"),
  ...["hello as text", "hello as bytes"].flatMap((title) =>
    (
      [
        ["of bare", "bare", 1],
        ["times fastify", "fastify", 1],
        ["times hono", "hono", 1.15],
      ] as const
    ).map(
      ([what, peer, times]): Goal => ({
        area: "node",
        what: `${what}, ${title}`,
        goal: ["≥", times],
        ...(peer === "bare" ? {} : { unit: "×" }),
        reached: over(title, peer),
        reason: "node:http itself",
      }),
    ),
  ),
  ...bodies("node"),
  ...(
    [
      ["gunicorn", 4],
      ["uwsgi", 1.3],
    ] as const
  ).map(
    ([peer, times]): Goal => ({
      area: "servers",
      what: `node without a web server, times ${peer}`,
      goal: ["≥", times],
      unit: "×",
      reached: (cells) => ratio(named(cells, "hello, without a web server"), "dram node", peer),
      reason: "node:http itself",
    }),
  ),
];

/** Every goal whose area has been measured. */
export function verdicts(results: Results): Verdict[] {
  return GOALS.flatMap((goal) => {
    const figure = goal.reached(results[goal.area]?.cells ?? []);
    const [sign, wanted] = goal.goal;
    return figure === undefined
      ? []
      : [{ ...goal, figure, isReached: sign === "≥" ? figure >= wanted : figure <= wanted }];
  });
}

function hellos(area: string, ofBare: number): Goal[] {
  const reason = "every header is read";
  return [
    { area, what: "of bare, hello", goal: ["≥", ofBare], reached: over("hello as text"), reason },
    ...["hello as text", "all headers read"].map(
      (title): Goal => ({
        area,
        what: `times hono, ${title}`,
        goal: ["≥", 1],
        unit: "×",
        reached: over(title, "hono"),
        reason,
      }),
    ),
  ];
}

function bodies(area: string, stream: Reason = "promises and a body"): Goal[] {
  return [
    { title: "echo of 1 kB", reason: "promises and a body" as const },
    { title: "64 MiB streamed", reason: stream },
  ].map(({ title, reason }) => ({
    area,
    what: `of bare, ${title}`,
    goal: ["≥", 0.95],
    reached: over(title),
    reason,
  }));
}

function sizes(platform: string, minified: number, gzip: number): Goal[] {
  return Object.entries({ minified, gzip }).map(([kind, kilobytes]) => ({
    area: "sizes",
    what: `kB of a hello for ${platform}, ${kind}`,
    goal: ["≤", kilobytes],
    unit: "kB",
    reached: (cells) => thousands(median(cells, `${platform}, ${kind}`)),
    reason: "bytes of code",
  }));
}

function named(cells: readonly Cell[], title: string): Cell | undefined {
  return cells.find((cell) => cell.title === title);
}

/** dram beside another one, by default the first. */
function over(title: string, other?: string): (cells: readonly Cell[]) => number | undefined {
  return (cells) => ratio(named(cells, title), "dram", other);
}

function median(cells: readonly Cell[], title: string): number | undefined {
  return figureOf(named(cells, title), "dram")?.median;
}

function thousands(value: number | undefined): number | undefined {
  return value === undefined ? undefined : value / 1000;
}

/** What dram takes more than bare. */
function difference(cells: readonly Cell[], title: string): number | undefined {
  const bare = figureOf(named(cells, title), "bare")?.median;
  const dram = median(cells, title);
  return bare === undefined || dram === undefined ? undefined : dram - bare;
}

function timed(cells: readonly Cell[]): Cell[] {
  return cells.filter(({ unit }) => unit === "ns");
}

function geometricMeanOver(cells: readonly Cell[], peer: string): number | undefined {
  const ratios = cells.flatMap((cell) => ratio(cell, "dram", peer) ?? []);
  return ratios.length === 0 ? undefined : geometricMean(ratios);
}

function worstOver(cells: readonly Cell[], peers: readonly string[]): number | undefined {
  const ratios = cells.flatMap((cell) =>
    cell.figures
      .filter((figure) => isFigure(figure) && peers.includes(figure.name))
      .flatMap(({ name }) => ratio(cell, "dram", name) ?? []),
  );
  return ratios.length === 0 ? undefined : Math.min(...ratios);
}
