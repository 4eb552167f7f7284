import { report } from "./report.ts";

/** One exchange; what it resolves to must be the same for every candidate. */
export type Candidate = () => Promise<string>;

const ROUNDS = 9;
const ROUND_MS = 250;

/**
 * Times candidates side by side: interleaved rounds, medians, each as a ratio of the first one.
 * Checks first that all of them answer the same.
 */
export async function compare(
  title: string,
  candidates: Readonly<Record<string, Candidate>>,
): Promise<void> {
  const entries = Object.entries(candidates);
  const answers = new Set<string>();
  for (const [, candidate] of entries) {
    answers.add(await candidate());
  }
  if (answers.size !== 1) {
    throw new Error(`${title}: the candidates answer differently: ${[...answers].join(" / ")}`);
  }
  const times = new Map<string, number[]>(entries.map(([name]) => [name, []]));
  for (let round = -1; round < ROUNDS; round++) {
    for (const [name, candidate] of entries) {
      const nanoseconds = await time(candidate);
      // The first round warms up.
      if (round >= 0) {
        times.get(name)?.push(nanoseconds);
      }
    }
  }
  report(title, times, "ns", (time, reference) => reference / time);
}

async function time(candidate: Candidate): Promise<number> {
  const start = process.hrtime.bigint();
  const end = start + BigInt(ROUND_MS) * 1_000_000n;
  let count = 0;
  let now = start;
  while (now < end) {
    for (let index = 0; index < 200; index++) {
      await candidate();
    }
    count += 200;
    now = process.hrtime.bigint();
  }
  return Number(now - start) / count;
}
