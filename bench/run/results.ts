// What a bench finds, as bench/results.json keeps it. Ratios are not kept: they follow from the medians.

import { median } from "./statistics.ts";

/** Of the rounds of one candidate. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** What one candidate has reached. */
export interface Figure extends Spread {
  readonly name: string;
  /** Nanoseconds of CPU time for one exchange. */
  readonly cpu?: Spread;
}

/** A candidate that was not timed, for it answers otherwise than the first: what it said. */
export interface WrongAnswer {
  readonly name: string;
  readonly wrong: string;
}

/** One thing that candidates are compared in. The first figure is what the others are compared with. */
export interface Cell {
  readonly title: string;
  readonly unit: Unit;
  readonly better: "less" | "more";
  readonly figures: readonly (Figure | WrongAnswer)[];
}

export type Unit = "ns" | "ms" | "B" | "/s" | "MB/s";

/** What was found of one area, and when. */
export interface AreaResult {
  /** `2026-11-24`. */
  readonly date: string;
  readonly command: string;
  /** How long it took; absent in results from before it was kept. */
  readonly seconds?: number;
  readonly facts: Facts;
  readonly cells: readonly Cell[];
}

/** What the figures depend on beside the code. */
export interface Facts {
  readonly cpu: string;
  readonly cores: number;
  /** Processes that computed or waited to, over the minute before the area began. */
  readonly load: number;
  readonly versions: Readonly<Record<string, string>>;
}

/** By the names of areas. */
export type Results = Readonly<Record<string, AreaResult>>;

export function spread(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

export function isFigure(figure: Figure | WrongAnswer | undefined): figure is Figure {
  return figure !== undefined && "median" in figure;
}

export function figureOf(cell: Cell | undefined, name: string): Figure | undefined {
  const found = cell?.figures.find((figure) => figure.name === name);
  return isFigure(found) ? found : undefined;
}

/**
 * How good a candidate is beside another one: 1 = as good, more = better.
 *
 * @param reference Default: the first of the cell.
 */
export function ratio(
  cell: Cell | undefined,
  name: string,
  reference?: string,
): number | undefined {
  const figure = figureOf(cell, name);
  const other = figureOf(cell, reference ?? cell?.figures[0]?.name ?? "");
  if (figure === undefined || other === undefined) {
    return undefined;
  }
  return cell?.better === "less" ? other.median / figure.median : figure.median / other.median;
}

/** The same by CPU time. */
export function cpuRatio(cell: Cell, name: string): number | undefined {
  const reference = figureOf(cell, cell.figures[0]?.name ?? "")?.cpu;
  const cpu = figureOf(cell, name)?.cpu;
  return reference && cpu ? reference.median / cpu.median : undefined;
}
