// G3: what one request leaves behind is seen after many of them.

import { until } from "../../tests/targets/target.ts";
import { askState, atOnce, CONNECTIONS, open } from "./client.ts";
import { descriptors, resident } from "./memory.ts";
import { count, judge, mib, type Outcome } from "./part.ts";
import { type Platform, type SoakServer, serving } from "./server.ts";

/** A connection is kept for so many requests. */
const KEPT = 1000;

/** What a process holds when it is idle, in bytes, and open files. */
export interface Held {
  readonly rss: number;
  readonly heap: number;
  readonly handles: number;
}

/**
 * @param warm Requests before the first look.
 * @param requests Requests up to the second, if so many can be made in the time.
 * @param seconds For all of them.
 */
export function growth(
  platform: Platform,
  warm: number,
  requests: number,
  seconds: number,
): Promise<Outcome> {
  return serving(platform, async (server) => {
    const deadline = performance.now() + seconds * 1000;
    await hello(server, warm, Number.POSITIVE_INFINITY);
    const before = await held(server);
    const made = await hello(server, requests - warm, deadline);
    await until(() => descriptors(server.pid) <= before.handles).catch(() => {
      // Told by the figure.
    });
    const after = await held(server);
    return judgeGrowth(before, after, warm, warm + made);
  });
}

export function judgeGrowth(before: Held, after: Held, from: number, to: number): Outcome {
  const rss = after.rss - before.rss;
  const heap = after.heap - before.heap;
  const passed = rss <= 8 * 2 ** 20 && heap <= 2 * 2 ** 20 && after.handles <= before.handles;
  const ofHeap = before.heap === 0 ? "" : `, heap ${mib(heap)}`;
  const handles = `${before.handles} open files, then ${after.handles}`;
  return judge(
    passed,
    `resident ${mib(rss)}${ofHeap}, ${handles}, from request ${count(from)} to ${count(to)}`,
  );
}

async function held(server: SoakServer): Promise<Held> {
  const { heap } = await askState(server);
  return { heap, rss: resident(server.pid), handles: descriptors(server.pid) };
}

/** @returns How many requests were made. */
async function hello(server: SoakServer, requests: number, deadline: number): Promise<number> {
  let left = requests;
  let made = 0;
  await atOnce(CONNECTIONS, async () => {
    while (left > 0 && performance.now() < deadline) {
      const { socket, ask } = await open(server);
      for (let turn = 0; turn < KEPT && left-- > 0 && performance.now() < deadline; turn++) {
        await ask("/hello");
        made++;
      }
      socket.destroy();
    }
  });
  return made;
}
