import { gzipSync } from "node:zlib";
import { bundle } from "../scripts/bundle.ts";

console.log("\nworker bundles, minified by esbuild");
for (const [name, entry] of [
  ["bare hello", "./worker-bare.ts"],
  ["dram hello", "./worker-dram.ts"],
  ["examples/hello", "../examples/hello/worker.ts"],
] as const) {
  const code = await bundle(new URL(entry, import.meta.url), { minify: true });
  console.log(`  ${name.padEnd(16)} ${code.length} bytes, ${gzipSync(code).length} gzip`);
}
