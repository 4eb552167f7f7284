import type { Cell } from "./results.ts";

/** Something to measure, that can be asked for by name. */
export interface Area {
  /** What is measured, and how: one paragraph for the report. */
  readonly about: string;
  /** Cells as they are found. */
  measure(effort: Effort): AsyncIterable<Cell>;
}

/** How much time a run may take. */
export interface Effort {
  readonly quick: boolean;
  /** Rounds that count; one more warms up. */
  readonly rounds: number;
  /** Milliseconds before a process that calls itself is timed, and of each of its rounds. */
  readonly warmUpMs: number;
  readonly roundMs: number;
  /** Requests before a server is timed: until then its time is the compiler's. */
  readonly warmUpRequests: number;
  readonly loadRounds: number;
  readonly loadMs: number;
}

export const COMPLETE: Effort = {
  ...{ quick: false, rounds: 5, warmUpMs: 500, roundMs: 100 },
  ...{ warmUpRequests: 40_000, loadRounds: 5, loadMs: 300 },
};
export const QUICK: Effort = {
  ...{ quick: true, rounds: 3, warmUpMs: 300, roundMs: 25 },
  ...{ warmUpRequests: 5000, loadRounds: 3, loadMs: 150 },
};
