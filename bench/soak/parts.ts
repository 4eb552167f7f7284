import { aborts } from "./aborts.ts";
import { connections } from "./connections.ts";
import { functionGrowth, functionPressure } from "./function.ts";
import { growth, growthOverBare } from "./growth.ts";
import { hostile } from "./hostile.ts";
import { interleaved } from "./interleaved.ts";
import { isolated } from "./isolated.ts";
import { kills } from "./kills.ts";
import { notApplicable, type Part } from "./part.ts";
import { pressure } from "./pressure.ts";
import { rejections } from "./rejections.ts";
import type { Dram } from "./server.ts";
import { download, upload } from "./streams.ts";
import { throughput } from "./throughput.ts";

const GIB = 2 ** 30;

const HOSTILE_REASON: { readonly [platform in Dram]?: string } = {
  fastcgi:
    "V8's young generation: the heap has 7 MiB at the end of each 10 s, and with --max-semi-space-size=4 the process has 133 MiB from the 20th second to the 50th",
  workerd:
    "V8's young generation but for 46 MiB: in 40 s from 158 MiB to 319, with --max-semi-space-size=1 from 112 to 158",
};

/** What a soak says of itself: the goals, on each platform that they are for. */
export const parts: readonly Part[] = [
  aborted("G1", "node", 100_000),
  aborted("G2", "deno", 20_000),
  aborted("G2", "workerd", 2000),
  aborted("G2", "fastcgi", 20_000),
  {
    goal: "G2",
    platform: "lambda",
    // The runtime client itself ends its process when a stream breaks.
    aim: "20,000 broken streams in one process without the runtime client, every body closed",
    run: (scale) => isolated("../lambda.ts", "aborts", share(20_000, scale)),
  },
  grown("node", 100_000, 1_000_000, 57),
  grown("deno", 100_000, 1_000_000, 57),
  {
    goal: "G3",
    platform: "workerd",
    aim: "up to request 200,000: resident ≤ 8 MiB, or as a bare Worker, no more open files",
    run: (scale) => growthOverBare("workerd", share(50_000, scale), share(200_000, scale), 57),
  },
  grown("fastcgi", 100_000, 400_000, 57),
  {
    goal: "G3",
    platform: "lambda",
    aim: "up to request 60,000, if it comes within 57 s, under the runtime client: resident ≤ 8 MiB, heap ≤ 2 MiB, no more open files",
    run: (scale) => functionGrowth(share(20_000, scale), share(60_000, scale), 57),
  },
  {
    goal: "G3",
    platform: "python",
    aim: "10,000 mixed requests: nothing held, WebAssembly 0, heap ≤ 2 MiB",
    run: (scale) => isolated("../python.ts", "python", share(10_000, scale)),
  },
  {
    goal: "G4",
    platform: "node",
    aim: "≥ 0.70 of bare, ≥ 0.85 of @hono/node-server",
    run: throughput,
  },
  ...streamed("node", 4),
  ...streamed("deno", 1),
  ...streamed("workerd", 1),
  ...streamed("fastcgi", 1),
  {
    goal: "G6",
    platform: "node",
    aim: "10,000 idle connections, twice: resident ≤ 1.25 of bare, no error",
    run: (scale) => connections(share(10_000, scale)),
  },
  ...(["node", "deno", "workerd", "fastcgi"] as const).map((platform) => ({
    goal: "G7",
    platform,
    aim: "≤ 8 MiB pulled ahead, ≤ 1 MiB read ahead",
    run: () => pressure(platform),
  })),
  {
    goal: "G7",
    platform: "lambda",
    aim: "≤ 8 MiB pulled ahead, under the runtime client",
    run: functionPressure,
  },
  ...(["node", "deno", "workerd", "fastcgi"] as const).map((platform) => ({
    goal: "G8",
    platform,
    aim: "60 s of hostile requests: every good one answered, no crash, ≤ 16 MiB behind the first 10 s",
    ...(HOSTILE_REASON[platform] === undefined ? {} : { reason: HOSTILE_REASON[platform] }),
    run: (scale: number) => hostile(platform, share(60, scale)),
  })),
  {
    goal: "G9",
    platform: "lambda",
    aim: "100,000 events, one in ten deformed: 0 uncaught, heap ≤ 4 MiB, p99 ≤ 200 µs over bare",
    run: (scale) => isolated("../lambda.ts", "events", share(100_000, scale)),
  },
  ...(["node", "deno", "workerd", "fastcgi"] as const).map((platform) => ({
    goal: "G10",
    platform,
    aim: "100,000 requests, 1,000 abreast: none mixed up",
    run: (scale: number) => interleaved(platform, share(100, scale)),
  })),
  {
    goal: "G10",
    platform: "lambda",
    aim: "100,000 events, 1,000 abreast in one process without the runtime client: none mixed up",
    run: (scale) => isolated("../lambda.ts", "interleaved", share(100, scale)),
  },
  ...(["nginx", "apache"] as const).map((server) => ({
    goal: "G11",
    platform: `fastcgi behind ${server}`,
    aim: "a worker killed every 2 s at 200 requests/s: only what it had in flight fails, replaced within 1 s, 0 stale",
    run: (scale: number) => kills(server, share(30, scale)),
  })),
  leaking("node"),
  leaking("deno"),
  leaking("fastcgi"),
  leaking("workerd"),
  {
    goal: "G12",
    platform: "lambda",
    aim: "alive",
    run: notApplicable(
      "AWS's runtime client has no handler for it, so Node ends the process and Lambda starts another",
    ),
  },
];

function aborted(goal: "G1" | "G2", platform: Dram, downloads: number): Part {
  return {
    goal,
    platform,
    aim: `${downloads.toLocaleString("en")} aborted downloads, every body closed`,
    run: (scale) => aborts(platform, share(downloads, scale)),
  };
}

function grown(platform: Dram, warm: number, requests: number, seconds: number): Part {
  return {
    goal: "G3",
    platform,
    aim: `up to request ${requests.toLocaleString("en")}, if it comes within ${seconds} s: resident ≤ 8 MiB, heap ≤ 2 MiB, no more open files`,
    run: (scale) => growth(platform, share(warm, scale), share(requests, scale), seconds),
  };
}

function streamed(platform: Dram, gib: number): Part[] {
  return [
    {
      goal: "G5",
      platform,
      aim: `${gib} GiB down: growth ≤ 64 MiB`,
      run: (scale) => download(platform, share(gib * GIB, scale)),
    },
    {
      goal: "G5",
      platform,
      aim: `${gib} GiB up: growth ≤ 64 MiB, or 1.15 of bare`,
      run: (scale) => upload(platform, share(gib * GIB, scale)),
    },
  ];
}

function leaking(platform: Dram): Part {
  const told = platform !== "workerd";
  return {
    goal: "G12",
    platform,
    aim: `1,000 unhandled rejections in a warm process: alive, ${told ? "1,000 lines" : "which workerd itself does not log"}, ≤ 8 MiB`,
    run: (scale) => rejections(platform, share(1000, scale), told),
  };
}

function share(number: number, scale: number): number {
  return Math.max(1, Math.round(number * scale));
}
