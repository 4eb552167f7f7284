import type { Area } from "../run/area.ts";
import { bundle } from "../run/bundle.ts";
import { peers } from "../run/peers.ts";
import { cpuOf, memoryOf } from "../run/process.ts";
import { type Cell, spread } from "../run/results.ts";
import { startWorkerd } from "../workers/workerd.ts";

/** Workers of one configuration, all of them the same. */
const MANY = 100;

interface Cost {
  readonly milliseconds: number;
  readonly bytes: number;
}

export const area: Area = {
  about: `What one more Worker costs where it runs: ${MANY} hellos in one workerd less one of them, by CPU time until workerd listens and by resident memory.`,
  async *measure({ starts }) {
    const { paths, remove } = await bundle(
      peers("workers/hello", ["bare", "dram", "hattip", "hono"]),
      "workers",
    );
    const costs = new Map<string, Cost[]>(Object.keys(paths).map((name) => [name, []]));
    try {
      for (let round = 0; round < starts; round++) {
        for (const [name, path] of Object.entries(paths)) {
          const [one, many] = [await costOf(path, 1), await costOf(path, MANY)];
          costs.get(name)?.push({
            milliseconds: (many.milliseconds - one.milliseconds) / (MANY - 1),
            bytes: (many.bytes - one.bytes) / (MANY - 1),
          });
        }
      }
    } finally {
      await remove();
    }
    yield cell("CPU time of one more", "ms", costs, ({ milliseconds }) => milliseconds);
    yield cell("resident memory of one more", "B", costs, ({ bytes }) => bytes);
  },
};

async function costOf(path: string, isolates: number): Promise<Cost> {
  const { pid, close } = await startWorkerd("isolates", path, isolates);
  const cost = { milliseconds: (cpuOf(pid) ?? Number.NaN) / 1e6, bytes: memoryOf(pid) };
  await close();
  return cost;
}

function cell(
  title: string,
  unit: "ms" | "B",
  costs: ReadonlyMap<string, readonly Cost[]>,
  of: (cost: Cost) => number,
): Cell {
  const figures = [...costs].map(([name, rounds]) => ({ name, ...spread(rounds.map(of)) }));
  return { title, unit, better: "less", figures };
}
