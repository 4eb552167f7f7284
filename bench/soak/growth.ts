// G3: what one request leaves behind is seen after many of them.

import { until } from "../../tests/targets/target.ts";
import { askState, atOnce, CONNECTIONS, open } from "./client.ts";
import { descriptors, resident } from "./memory.ts";
import { count, judge, mib, type Outcome } from "./part.ts";
import { BARE, type Dram, type Platform, type SoakServer, serving } from "./server.ts";

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
export async function growth(
  platform: Platform,
  warm: number,
  requests: number,
  seconds: number,
): Promise<Outcome> {
  return judgeGrowth(await grown(platform, warm, requests, seconds));
}

/** The same where the platform itself grows: dram may as much as what is served by hand. */
export async function growthOverBare(
  platform: Dram,
  warm: number,
  requests: number,
  seconds: number,
): Promise<Outcome> {
  const { before, after } = await grown(BARE[platform], warm, requests, seconds / 2);
  return judgeGrowth(await grown(platform, warm, requests, seconds / 2), after.rss - before.rss);
}

/** @param bare Bytes by which the platform itself has grown. */
export function judgeGrowth({ before, after, from, to }: Growth, bare?: number): Outcome {
  const rss = after.rss - before.rss;
  const heap = after.heap - before.heap;
  const passed =
    rss <= Math.max(8 * 2 ** 20, bare ?? 0) &&
    heap <= 2 * 2 ** 20 &&
    after.handles <= before.handles;
  const ofBare = bare === undefined ? "" : ` (bare ${mib(bare)})`;
  const ofHeap = before.heap === 0 ? "" : `, heap ${mib(heap)}`;
  const handles = `${before.handles} open files, then ${after.handles}`;
  return judge(
    passed,
    `resident ${mib(rss)}${ofBare}${ofHeap}, ${handles}, from request ${count(from)} to ${count(to)}`,
  );
}

/** What is held after some requests, and after more. */
export interface Growth {
  readonly before: Held;
  readonly after: Held;
  readonly from: number;
  readonly to: number;
}

function grown(
  platform: Platform,
  warm: number,
  requests: number,
  seconds: number,
): Promise<Growth> {
  return serving(platform, async (server) => {
    const deadline = performance.now() + seconds * 1000;
    await hello(server, warm, Number.POSITIVE_INFINITY);
    const before = await held(server);
    const made = await hello(server, requests - warm, deadline);
    await until(() => descriptors(server.pid) <= before.handles).catch(() => {
      // Told by the figure.
    });
    const after = await held(server);
    return { before, after, from: warm, to: warm + made };
  });
}

async function held(server: SoakServer): Promise<Held> {
  const { heap } = await askState(server);
  return { heap, rss: resident(server.pid), handles: descriptors(server.pid) };
}

/**
 * @param deadline By `performance.now()`.
 * @returns How many requests were made.
 */
export async function hello(
  server: SoakServer,
  requests: number,
  deadline: number,
): Promise<number> {
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
