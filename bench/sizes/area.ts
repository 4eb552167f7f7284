import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import type { Area } from "../run/area.ts";
import { bundle, type Platform } from "../run/bundle.ts";
import { peers } from "../run/peers.ts";
import { type Cell, spread } from "../run/results.ts";

const LAMBDA = ["bare", "dram", "srvx", "serverless-http", "hono", "hattip", "serverless-express"];

export const area: Area = {
  about:
    "What a hello is as one file, minified by esbuild, and compressed by gzip: for Workers, and for Lambda.",
  async *measure() {
    yield* sizesOf("workers", ["bare", "dram", "hattip", "srvx", "hono"]);
    yield* sizesOf("lambda", [...LAMBDA, "fastify"]);
  },
};

async function* sizesOf(platform: Platform, names: readonly string[]): AsyncGenerator<Cell> {
  const { paths, remove } = await bundle(peers(`${platform}/hello`, names), platform);
  const files = Object.entries(paths).map(([name, path]) => ({ name, code: readFileSync(path) }));
  for (const [kind, sizeOf] of [
    ["minified", (code: Buffer) => code.length],
    ["gzip", (code: Buffer) => gzipSync(code).length],
  ] as const) {
    const figures = files.map(({ name, code }) => ({ name, ...spread([sizeOf(code)]) }));
    yield { title: `${platform}, ${kind}`, unit: "B", better: "less", figures };
  }
  await remove();
}
