import type { ChildProcess } from "node:child_process";
import type { Effort } from "./area.ts";
import { type Candidate, compare, type Sample } from "./compare.ts";
import { ask, cpuOf } from "./process.ts";
import type { Cell } from "./results.ts";
import type { Server } from "./servers.ts";

/**
 * Has servers echo messages; their answers are compared as they come.
 *
 * @param generator A process of websocket/load-child.ts.
 */
export function compareEchoes(
  title: string,
  servers: readonly Server[],
  generator: ChildProcess,
  { loadRounds, loadMs, warmUpMs }: Effort,
): Promise<Cell> {
  async function round({ port, pid }: Server, milliseconds: number): Promise<Sample> {
    const before = cpuOf(pid);
    const rate = await ask<number>(generator, { port, milliseconds });
    const after = cpuOf(pid);
    const count = (rate * milliseconds) / 1000;
    return {
      value: rate,
      cpu: before === undefined || after === undefined ? undefined : (after - before) / count,
    };
  }
  const sides = servers.map(
    (server): Candidate => ({
      name: server.name,
      warmUp: () => round(server, warmUpMs),
      round: () => round(server, loadMs),
    }),
  );
  return compare({ title, unit: "/s", better: "more" }, sides, loadRounds);
}
