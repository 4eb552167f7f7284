// G12: what nobody catches ends no process, and is told.

import { until } from "../../tests/targets/target.ts";
import { askState, atOnce, CONNECTIONS, open } from "./client.ts";
import { hello } from "./growth.ts";
import { isAlive, resident } from "./memory.ts";
import { count, judge, mib, type Outcome } from "./part.ts";
import { type Platform, type SoakServer, serving } from "./server.ts";

/** Requests that leak nothing, before memory is first looked at: what is measured is the leaks. */
const WARM = 10_000;

/** @param logs Whether there is to be a line for each. */
export function rejections(platform: Platform, requests: number, logs: boolean): Promise<Outcome> {
  return serving(platform, async (server) => {
    await hello(server, WARM, Number.POSITIVE_INFINITY);
    await askState(server);
    const before = resident(server.pid);
    const answered = await leak(server, requests);
    const told = (): number => logged(server.log);
    await until(() => !logs || told() >= requests).catch(() => {
      // Told by the figure.
    });
    await askState(server);
    const growth = resident(server.pid) - before;
    const alive = isAlive(server.pid);
    return judge(
      alive && answered === requests && (!logs || told() === requests) && growth <= 8 * 2 ** 20,
      `${alive ? "alive" : "dead"}, ${count(answered)} answered, ${count(told())} lines, ${mib(growth)}`,
    );
  });
}

/** @returns How many were answered. */
async function leak(server: SoakServer, requests: number): Promise<number> {
  let next = 1;
  let answered = 0;
  await atOnce(CONNECTIONS, async () => {
    const { socket, ask } = await open(server);
    while (next <= requests) {
      const response = await ask(`/leaks?${next++}`);
      answered += response.endsWith("leaked") ? 1 : 0;
    }
    socket.destroy();
  });
  return answered;
}

/** Lines that tell of a leak, each of one of its own. */
function logged(log: readonly string[]): number {
  return new Set(log.flatMap((line) => /leak \d+;/.exec(line) ?? [])).size;
}
