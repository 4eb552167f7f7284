import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** A Worker as one module, as it would be deployed. */
export async function bundle(entry: string, options: { minify: boolean }): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["dram-source", "workerd", "worker", "browser"],
    ...options,
  });
  return outputFiles[0]?.text ?? "";
}
