import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { BuildOptions, Plugin } from "esbuild";

/** A folder for the bundle of a function. */
export interface BundleFolder {
  readonly path: string;
  remove(): Promise<void>;
}

export async function makeBundleFolder(): Promise<BundleFolder> {
  const path = await mkdtemp(join(tmpdir(), "dram-lambda-"));
  return { path, remove: () => rm(path, { recursive: true }) };
}

/** What packages in CommonJS ask for Node's modules with, which a module in ESM has not. */
export const REQUIRE =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

/**
 * How SAM's esbuild metadata builds a function: one module, `index.mjs`, which exports `handler`.
 *
 * @param folder Where it goes.
 */
export function functionBundling(folder: string): BuildOptions {
  return {
    bundle: true,
    platform: "node",
    format: "esm",
    target: "es2022",
    sourcemap: "inline",
    outfile: join(folder, "index.mjs"),
    banner: { js: REQUIRE },
    // dram from its TypeScript sources, without a build.
    conditions: ["dram-source"],
    logLevel: "silent",
  };
}

/** Leaves what `dram python build` has written where it is: it reads the files beside itself. */
export const pythonBuilds: Plugin = {
  name: "python builds",
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/python\/index\.js$/ }, ({ path, resolveDir }) => ({
      path: resolve(resolveDir, path),
      external: true,
    })),
};
