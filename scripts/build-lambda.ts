// Builds the example's function as `sam build` does, from its properties in template.yaml, without
// SAM: a folder whose content, zipped, is what Lambda takes.

import { readdirSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { readTemplate, type Template } from "./template.ts";

const root = join(import.meta.dirname, "..");
const outdir = resolve(process.argv[2] ?? join(root, "build/lambda"));

await build(bundling(readTemplate(), "Hello"));
for (const file of readdirSync(outdir)) {
  const { size } = statSync(join(outdir, file));
  console.log(`${relative(process.cwd(), join(outdir, file))}: ${size} bytes`);
}

/** What esbuild is told for one function of a template. */
function bundling(template: Template, name: string): BuildOptions {
  const properties = template.Resources[name]?.Metadata?.BuildProperties;
  if (properties === undefined) {
    throw new Error(`template.yaml has no function ${name} that esbuild builds`);
  }
  const source = join(root, String(template.Globals?.Function?.CodeUri));
  return {
    bundle: true,
    platform: "node",
    // Without a build of dram before. SAM has no way to say this, and takes what was built.
    conditions: ["dram-source"],
    absWorkingDir: source,
    entryPoints: [...properties.EntryPoints],
    format: properties.Format,
    outExtension: Object.fromEntries(properties.OutExtension.map((pair) => pair.split("="))),
    target: properties.Target,
    minify: properties.Minify,
    sourcemap: properties.Sourcemap,
    outdir,
  };
}
