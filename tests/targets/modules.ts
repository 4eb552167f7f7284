import { basename, extname } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";
import type { ModuleDefinition } from "miniflare";
import { CONDITIONS } from "../../scripts/bundle.ts";

const TYPES: Readonly<Record<string, ModuleDefinition["type"]>> = {
  ".js": "ESModule",
  ".wasm": "CompiledWasm",
  ".bin": "Data",
};

/** A Worker of several modules, as Wrangler deploys it: WebAssembly and bytes each are one of their own. */
export async function bundleModules(
  entry: URL,
  options: Pick<BuildOptions, "alias" | "define">,
): Promise<ModuleDefinition[]> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    outdir: "/",
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: CONDITIONS,
    external: ["node:*"],
    loader: { ".wasm": "copy", ".bin": "copy" },
    logLevel: "error",
    ...options,
  });
  const modules = outputFiles.map(({ path, contents }): ModuleDefinition => {
    const type = TYPES[extname(path)];
    if (type === undefined) {
      throw new Error(`${path} is no module of a Worker`);
    }
    return { type, path: basename(path), contents };
  });
  // Miniflare takes the first one for the main one.
  return modules.toSorted((one, other) => rank(one) - rank(other));
}

function rank({ type }: ModuleDefinition): number {
  return type === "ESModule" ? 0 : 1;
}
