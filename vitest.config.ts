import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

interface Manifest {
  exports: Record<string, string | { "dram-source": string; default: string }>;
}

const root = fileURLToPath(new URL(".", import.meta.url));
const manifest: Manifest = JSON.parse(readFileSync(`${root}package.json`, "utf8"));

// Tests import dram by its public names; here they mean the sources, or a package that was installed.
const installed = process.env.DRAM_INSTALLED;
const alias = Object.entries(manifest.exports).flatMap(([subpath, target]) =>
  typeof target === "string"
    ? []
    : [
        {
          find: new RegExp(`^dram${subpath.slice(1)}$`),
          replacement: installed
            ? resolve(installed, target.default)
            : resolve(root, target["dram-source"]),
        },
      ],
);

export default defineConfig({
  resolve: { alias },
  test: {
    include: ["tests/**/*.test.ts"],
    globalSetup: "tests/setup.ts",
    env: {
      // Nothing here asks the network.
      CLOUDFLARE_CF_FETCH_ENABLED: "false",
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_SEND_ERROR_REPORTS: "false",
      WRANGLER_WRITE_LOGS: "false",
      WRANGLER_HIDE_BANNER: "true",
      // wrangler dev drains a request body that the handler still streams; deployed code does not.
      WRANGLER_DISABLE_REQUEST_BODY_DRAINING: "true",
    },
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
