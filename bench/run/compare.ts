import { type Cell, type Figure, spread, type WrongAnswer } from "./results.ts";

/** What one round has found. */
export interface Sample {
  readonly value: number;
  /** Nanoseconds of CPU time for one exchange. */
  readonly cpu?: number | undefined;
}

export interface Candidate {
  readonly name: string;
  /** What it says; must be what the first candidate says. Absent where there is nothing to say. */
  answer?(): Promise<string>;
  /** Before the rounds. Default: one round more. */
  warmUp?(): Promise<unknown>;
  round(): Promise<Sample>;
}

/**
 * Measures candidates side by side: A B C A B C. Whoever answers otherwise than the first is not timed:
 * a wrong answer is not a fast one.
 */
export async function compare(
  cell: Omit<Cell, "figures">,
  candidates: readonly Candidate[],
  rounds: number,
): Promise<Cell> {
  const wrong = await wrongAnswers(candidates);
  const timed = candidates.filter(({ name }) => !wrong.has(name));
  for (const candidate of timed) {
    await (candidate.warmUp ?? candidate.round).call(candidate);
  }
  const samples = new Map<string, Sample[]>(timed.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const candidate of timed) {
      samples.get(candidate.name)?.push(await candidate.round());
    }
  }
  return {
    ...cell,
    figures: candidates.map(({ name }) => wrong.get(name) ?? figure(name, samples.get(name) ?? [])),
  };
}

async function wrongAnswers(
  candidates: readonly Candidate[],
): Promise<ReadonlyMap<string, WrongAnswer>> {
  const wrong = new Map<string, WrongAnswer>();
  const wanted = await candidates[0]?.answer?.();
  for (const candidate of candidates.slice(1)) {
    const found = await candidate.answer?.().catch(String);
    if (found !== wanted) {
      wrong.set(candidate.name, { name: candidate.name, wrong: (found ?? "").slice(0, 200) });
    }
  }
  return wrong;
}

function figure(name: string, samples: readonly Sample[]): Figure {
  const cpu = samples.flatMap((sample) => sample.cpu ?? []);
  return {
    name,
    ...spread(samples.map(({ value }) => value)),
    ...(cpu.length === 0 ? {} : { cpu: spread(cpu) }),
  };
}
