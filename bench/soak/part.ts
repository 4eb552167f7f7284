/** One line of a soak. */
export interface Part {
  /** Of G1 to G12, the goals that a soak has. */
  readonly goal: string;
  readonly platform: string;
  /** What is to be reached. */
  readonly aim: string;
  /** Whose fault it is if the aim is missed, in numbers, where it is not dram's. */
  readonly reason?: string;
  /**
   * @param scale 1 for all of it; less while something is developed.
   * @throws What kept it from being measured, which is a failure.
   */
  run(scale: number): Promise<Outcome>;
}

export interface Outcome {
  readonly verdict: "pass" | "FAIL" | "n.a.";
  readonly figure: string;
}

export function judge(passed: boolean, figure: string): Outcome {
  return { verdict: passed ? "pass" : "FAIL", figure };
}

/** For what cannot be measured, or is measured elsewhere. */
export function notApplicable(reason: string): () => Promise<Outcome> {
  return async () => ({ verdict: "n.a.", figure: reason });
}

const MIB: number = 1024 ** 2;

export function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}

export function count(number: number): string {
  return number.toLocaleString("en");
}

export function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
