import type { Cell } from "./results.ts";

/** Something to measure, that can be asked for by name. */
export interface Area {
  /** What is measured, and how: one paragraph for the report. */
  readonly about: string;
  /** Cells as they are found. */
  measure(effort: Effort): AsyncIterable<Cell>;
}

/**
 * How much time a run may take. Rounds are many and short: the speed of a machine that is shared changes by
 * half within seconds, and only what is measured within the same second can be compared.
 */
export interface Effort {
  readonly quick: boolean;
  /** Of a process that calls itself. */
  readonly rounds: number;
  readonly roundMs: number;
  /** Milliseconds before anything is timed: until then its time is the compiler's. */
  readonly warmUpMs: number;
  /** Requests before a server is timed, for the same reason. */
  readonly warmUpRequests: number;
  /** Of a server. */
  readonly loadRounds: number;
  readonly loadMs: number;
  /** Of what is started for each. */
  readonly starts: number;
}

export const COMPLETE: Effort = {
  ...{ quick: false, rounds: 21, roundMs: 20, warmUpMs: 400 },
  ...{ warmUpRequests: 40_000, loadRounds: 9, loadMs: 130, starts: 5 },
};
export const QUICK: Effort = {
  ...{ quick: true, rounds: 7, roundMs: 10, warmUpMs: 250 },
  ...{ warmUpRequests: 5000, loadRounds: 3, loadMs: 100, starts: 1 },
};
