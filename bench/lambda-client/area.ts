import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { said } from "../lambda/driver.ts";
import { EVENTS } from "../lambda/events.ts";
import type { Area, Effort } from "../run/area.ts";
import { bundle } from "../run/bundle.ts";
import { type Candidate, compare } from "../run/compare.ts";
import { peers } from "../run/peers.ts";
import { cpuOf } from "../run/process.ts";
import type { Cell } from "../run/results.ts";
import { type LambdaProcess, startFunction } from "./runtime.ts";

const PEERS = ["bare", "dram", "serverless-http", "srvx", "hono", "hattip"];
const EVENT = JSON.stringify(EVENTS["v2 hello"]);
const FIRST = fileURLToPath(new URL("first.mjs", import.meta.url));

type Paths = Readonly<Record<string, string>>;

export const area: Area = {
  about:
    "A hello, bundled and minified, under AWS's own runtime client (aws-lambda-ric, its addon replaced by node:http): the CPU time of its process for an invocation; from the start of the process to the first response; and import and first invocation in a fresh process without the client.",
  async *measure(effort) {
    const names = [...PEERS, "fastify", "serverless-express"];
    const bundles = await bundle(peers("lambda/hello", names), "lambda");
    const client = await bundle({ native: NATIVE }, "lambda");
    try {
      yield await warm(bundles.paths, client.paths.native ?? "", effort);
      yield await cold(bundles.paths, client.paths.native ?? "", effort);
      yield* first(bundles.paths, bundles.folder, effort);
    } finally {
      await bundles.remove();
      await client.remove();
    }
  },
};

const NATIVE = new URL("../../scripts/lambda/native.ts", import.meta.url);

/** Nanoseconds of CPU time: the wall has the Runtime API as well, which is ours. */
async function warm(
  paths: Paths,
  native: string,
  { loadRounds, loadMs, warmUpMs }: Effort,
): Promise<Cell> {
  const functions: [string, LambdaProcess][] = [];
  try {
    for (const [name, path] of Object.entries(paths)) {
      functions.push([name, await startFunction(path, native)]);
    }
    const sides = functions.map(
      ([name, { child, invoke }]): Candidate => ({
        name,
        answer: async () => answerOf(await invoke(EVENT)),
        warmUp: () => repeat(invoke, warmUpMs),
        async round() {
          const before = cpuOf(child.pid) ?? Number.NaN;
          const count = await repeat(invoke, loadMs);
          return { value: ((cpuOf(child.pid) ?? Number.NaN) - before) / count };
        },
      }),
    );
    const title = "warm, CPU time of an invocation";
    return await compare({ title, unit: "ns", better: "less" }, sides, loadRounds);
  } finally {
    for (const [, { close }] of functions) {
      await close();
    }
  }
}

async function repeat(
  invoke: (event: string) => Promise<unknown>,
  milliseconds: number,
): Promise<number> {
  const begin = performance.now();
  let count = 0;
  for (; performance.now() - begin < milliseconds; count++) {
    await invoke(EVENT);
  }
  return count;
}

async function cold(paths: Paths, native: string, { starts }: Effort): Promise<Cell> {
  const sides = Object.entries(paths).map(([name, path]): Candidate => {
    async function round(): Promise<{ value: number; said: string }> {
      const begin = performance.now();
      const { invoke, close } = await startFunction(path, native);
      const result = await invoke(EVENT);
      const value = performance.now() - begin;
      await close();
      return { value, said: answerOf(result) };
    }
    return { name, round, answer: async () => (await round()).said };
  });
  const title = "cold, start of the process to the first response";
  return compare({ title, unit: "ms", better: "less" }, sides, starts);
}

async function* first(paths: Paths, folder: string, effort: Effort): AsyncGenerator<Cell> {
  const event = join(folder, "event.json");
  await writeFile(event, EVENT);
  const begin = (path: string) => promisify(execFile)(process.execPath, [FIRST, path, event]);
  for (const [title, kind] of [
    ["import and first invocation, wall time", "whole"],
    ["import alone, wall time", "imported"],
  ] as const) {
    const sides = Object.entries(paths).map(
      ([name, path]): Candidate => ({
        name,
        async round() {
          const taken: Record<string, number> = JSON.parse((await begin(path)).stdout);
          return {
            value: taken[kind] ?? Number.NaN,
            cpu: kind === "whole" ? (taken.cpu ?? Number.NaN) * 1000 : undefined,
          };
        },
      }),
    );
    yield await compare({ title, unit: "ms", better: "less" }, sides, effort.starts);
  }
}

function answerOf(result: string): string {
  return result.startsWith("failed: ") ? result : said(JSON.parse(result));
}
