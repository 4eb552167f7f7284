import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** As Wrangler has them, but for the first: dram from its TypeScript sources, without a build. */
export const CONDITIONS: string[] = ["dram-source", "workerd", "worker", "browser"];

/** A Worker as one module, as it would be deployed. */
export async function bundle(entry: URL, options: { minify?: boolean } = {}): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: CONDITIONS,
    // The runtime's own, with nodejs_compat.
    external: ["node:*"],
    ...options,
  });
  return outputFiles[0]?.text ?? "";
}
