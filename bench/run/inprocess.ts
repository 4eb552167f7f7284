import type { ChildProcess } from "node:child_process";
import type { Effort } from "./area.ts";
import { type Candidate, compare, type Sample } from "./compare.ts";
import { ask, start, stop } from "./process.ts";
import type { Cell } from "./results.ts";

/** One exchange, as a process of its own has it. */
export interface Exchange {
  /** What is timed. */
  call(): unknown;
  /** What is compared: all that the candidate says. */
  answer(): Promise<string>;
}

/** What the module of an area that calls its candidates exports. */
export interface Driver {
  /** @param candidate The module of one candidate. */
  prepare(candidate: unknown): Readonly<Record<string, Exchange>>;
}

/** What the parent asks. */
export interface Question {
  readonly exchange: string;
  readonly ask: "answer" | "round" | "allocated";
  readonly milliseconds: number;
}

/** Answers are texts of the first line of an error otherwise. */
export type Answer = { readonly value: string } | { readonly error: string };

/**
 * Compares what a driver does with candidates, each in a process of its own: no candidate's shapes and
 * garbage are another one's.
 *
 * @param candidates Modules by names; the first is the reference.
 */
export async function* compareInProcess(
  driver: URL,
  candidates: Readonly<Record<string, URL>>,
  exchanges: readonly string[],
  effort: Effort,
): AsyncGenerator<Cell> {
  const children = startAll(driver, candidates);
  try {
    // What one exchange has the compiler suppose, the next would refute while it is timed.
    for (const title of exchanges) {
      for (const [, child] of children) {
        const warmUp = { exchange: title, ask: "round", milliseconds: effort.warmUpMs } as const;
        // Who fails will be told apart when answers are compared.
        await query(child, warmUp).catch(() => {});
      }
    }
    for (const title of exchanges) {
      const sides = children.map(([name, child]) => side(name, child, title, effort));
      yield await compare({ title, unit: "ns", better: "less" }, sides, effort.rounds);
    }
  } finally {
    await Promise.all(children.map(([, child]) => stop(child)));
  }
}

/** Bytes that an exchange allocates. */
export async function compareAllocations(
  driver: URL,
  candidates: Readonly<Record<string, URL>>,
  exchange: string,
  effort: Effort,
): Promise<Cell> {
  // So large that nothing is collected before it is counted.
  const flags = ["--min-semi-space-size=64", "--max-semi-space-size=64"];
  const children = startAll(driver, candidates, flags);
  try {
    const sides = children.map(
      ([name, child]): Candidate => ({
        ...side(name, child, exchange, effort),
        round: async () => ({
          value: Number(await query(child, { exchange, ask: "allocated", milliseconds: 0 })),
        }),
        warmUp: () => query(child, { exchange, ask: "round", milliseconds: 300 }),
      }),
    );
    const cell = { title: `${exchange}, allocated`, unit: "B", better: "less" } as const;
    return await compare(cell, sides, effort.rounds);
  } finally {
    await Promise.all(children.map(([, child]) => stop(child)));
  }
}

function startAll(
  driver: URL,
  candidates: Readonly<Record<string, URL>>,
  flags: readonly string[] = [],
): [name: string, ChildProcess][] {
  return Object.entries(candidates).map(([name, module]) => [
    name,
    start(new URL("./inprocess-child.ts", import.meta.url), [driver.href, module.href], { flags }),
  ]);
}

function side(
  name: string,
  child: ChildProcess,
  exchange: string,
  { warmUpMs, roundMs }: Effort,
): Candidate {
  const round = async (milliseconds: number): Promise<Sample> =>
    JSON.parse(await query(child, { exchange, ask: "round", milliseconds }));
  return {
    name,
    answer: () => query(child, { exchange, ask: "answer", milliseconds: 0 }),
    warmUp: () => round(warmUpMs / 2),
    round: () => round(roundMs),
  };
}

async function query(child: ChildProcess, question: Question): Promise<string> {
  const answer = await ask<Answer>(child, question);
  if ("error" in answer) {
    throw new Error(answer.error);
  }
  return answer.value;
}
