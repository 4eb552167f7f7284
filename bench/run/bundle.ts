import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { REQUIRE } from "../../scripts/lambda/bundle.ts";

/** Bundles in a folder of their own. */
export interface Bundles {
  readonly folder: string;
  /** The path of each, by the names of what was bundled. */
  readonly paths: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

/** What a bundle is for, as tools for that platform tell esbuild. */
export type Platform = "workers" | "deno" | "lambda";

const CONDITIONS: Readonly<Record<Platform, string[]>> = {
  workers: ["dram-source", "workerd", "worker", "browser"],
  deno: ["dram-source", "deno"],
  lambda: ["dram-source"],
};

/** Each module as one file of JavaScript, minified, as it would be deployed. */
export async function bundle(
  modules: Readonly<Record<string, URL>>,
  platform: Platform,
): Promise<Bundles> {
  const folder = await mkdtemp(join(tmpdir(), "dram-bench-"));
  const paths: Record<string, string> = {};
  for (const [name, module] of Object.entries(modules)) {
    // Of a folder each, as functions are deployed.
    const outfile = join(folder, name, "index.mjs");
    paths[name] = outfile;
    await build({
      ...{ entryPoints: [fileURLToPath(module)], outfile, bundle: true, minify: true },
      ...{ format: "esm", target: "es2024", logLevel: "error" },
      ...(platform === "lambda" ? { platform: "node" } : { external: ["node:*"] }),
      conditions: CONDITIONS[platform],
      ...(platform === "lambda" ? { banner: { js: REQUIRE } } : {}),
    });
  }
  return { folder, paths, remove: () => rm(folder, { recursive: true }) };
}
