/**
 * Prints the median of each candidate's rounds with the lowest and the highest, and its ratio to
 * the first candidate (1 = as good, more = better).
 */
export function report(
  title: string,
  measured: ReadonlyMap<string, readonly number[]>,
  unit: string,
  ratio: (median: number, reference: number) => number,
): void {
  console.log(`\n${title}`);
  let reference: number | undefined;
  for (const [name, values] of measured) {
    const sorted = values.toSorted((a, b) => a - b);
    const median = sorted[sorted.length >> 1] ?? Number.NaN;
    reference ??= median;
    const range = `${sorted[0]?.toFixed(0)} to ${sorted.at(-1)?.toFixed(0)}`;
    console.log(
      `  ${name.padEnd(16)} ${median.toFixed(0).padStart(7)} ${unit} (${range})  ${ratio(median, reference).toFixed(2)} of ${[...measured.keys()][0]}`,
    );
  }
}
