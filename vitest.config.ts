import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

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

// By minutes, not by name: a long file that begins last keeps one core waiting for it.
const LONGEST = [
  "tests/conformance.test.ts",
  "tests/python/build.test.ts",
  "tests/browser/python.test.ts",
  "tests/hostile.test.ts",
  "tests/python/oracle/applications.test.ts",
  "tests/python/oracle/validate.test.ts",
  "tests/python/oracle/cases.test.ts",
  "tests/python/platforms.test.ts",
  "tests/python/boot.test.ts",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const first = (file: TestSpecification): number =>
      LONGEST.findIndex((name) => file.moduleId.endsWith(name));
    const long = files.filter((file) => first(file) !== -1);
    const others = files.filter((file) => first(file) === -1);
    return [...long.sort((a, b) => first(a) - first(b)), ...(await super.sort(others))];
  }
}

export default defineConfig({
  resolve: { alias },
  test: {
    // Most files wait for processes that they have started: vitest's own choice of one worker on two
    // cores leaves half of them idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    sequence: { sequencer: LongestFirst },
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
