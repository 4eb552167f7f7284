import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { DENO, DENO_ENV } from "../targets/deno.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const manifest: { exports: Record<string, string> } = JSON.parse(
  readFileSync(`${root}deno.json`, "utf8"),
);
const entries = Object.values(manifest.exports);

// The compiler of TypeScript in each of them: seconds on a quiet machine.
vi.setConfig({ testTimeout: 120_000 });

test("JSR would take the package, and of it nothing but the library", async () => {
  const { code, output } = await deno("publish", "--dry-run", "--allow-dirty");
  expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
  const files = [...output.matchAll(/^ +file:\/\/(\S+) \(/gm)].map(([, path = ""]) =>
    path.slice(root.length),
  );
  expect(files).toContain("core/mod.ts");
  expect(
    files.filter(
      (path) => !/^(?:core|adapters|frameworks|client|conformance)\/[a-z0-9/]+\.ts$/.test(path),
    ),
  ).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "SPEC.md", "deno.json"]);
});

test("every public name is documented", async () => {
  const { code, output } = await deno("doc", "--lint", ...entries);
  expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
});

test("the signatures of dram/deno and its examples agree with Deno's types", async () => {
  const files = [
    "tests/types/deno.ts",
    "examples/hello/deno.ts",
    "examples/hello/deploy.ts",
    "examples/chat/deno.ts",
    "examples/sse/deno.ts",
  ];
  const { code, output } = await deno("check", ...files);
  expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
});

function deno(...parameters: string[]): Promise<{ code: number | string; output: string }> {
  return new Promise((resolve) => {
    execFile(DENO, parameters, { cwd: root, env: DENO_ENV }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? 1), output: `${stdout}${stderr}` });
    });
  });
}
