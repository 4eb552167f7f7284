import { type Cell, cpuRatio, isFigure, ratio } from "../run/results.ts";
import { ratioText, withUnit } from "./format.ts";

/** A cell as lines: median, lowest and highest, ratio to the first; the same for CPU time. */
export function cellText(cell: Cell): string {
  const lines = cell.figures.map((figure) => {
    const name = figure.name.padEnd(20);
    if (!isFigure(figure)) {
      return `  ${name} WRONG: ${JSON.stringify(figure.wrong)}`;
    }
    const { median, min, max, cpu } = figure;
    const range = min === max ? "" : `(${withUnit(min, cell.unit)} to ${withUnit(max, cell.unit)})`;
    const first = [
      name,
      ratioText(ratio(cell, figure.name)).padStart(6),
      withUnit(median, cell.unit).padStart(12),
      range.padEnd(28),
    ].join(" ");
    return cpu === undefined
      ? `  ${first.trimEnd()}`
      : `  ${first} CPU ${ratioText(cpuRatio(cell, figure.name)).padStart(6)} ${withUnit(cpu.median, "ns").padStart(9)}`;
  });
  return [`  ${cell.title}`, ...lines].join("\n");
}
