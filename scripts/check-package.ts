// Proves the package as npm would ship it: installed from its tarball into an empty project, every
// public entry is imported alone in a process of its own, and a consumer compiles against it.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Manifest {
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
}

const CONSUMER = `
import { type Application, text } from "dram";
import { application as suite, conform } from "dram/conformance";
import { fetchTransport } from "dram/conformance/transport";
import { toFetch } from "dram/fetch";
import { toWorker } from "dram/workers";

const application: Application = (_environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return text("packed");
};

export default toWorker(application);
const response = await toFetch(application)(new Request("http://localhost/"));
if ((await response.text()) !== "packed") {
  throw new Error("the packed package does not answer");
}
`;

const root = join(import.meta.dirname, "..");
const manifest: Manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const folder = mkdtempSync(join(tmpdir(), "dram-package-"));
let passed = 0;

try {
  run("npx", ["publint", "--strict"], root);
  check("publint has nothing to say");

  const [tarball] = JSON.parse(
    run("npm", ["pack", "--json", "--pack-destination", folder], root),
  ) as { filename: string; files: { path: string }[] }[];
  if (tarball === undefined) {
    throw new Error("npm pack made nothing");
  }
  const strays = tarball.files
    .map(({ path }) => path)
    .filter(
      (path) =>
        !/^(dist|core|adapters|conformance)\/|^(package\.json|README\.md|SPEC\.md|LICENSE|CHANGELOG\.md)$/.test(
          path,
        ),
    );
  if (strays.length > 0) {
    throw new Error(`the package holds what it should not: ${strays.join(", ")}`);
  }
  check("nothing but the library is packed");

  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
  run("npm", ["install", "--offline", "--ignore-scripts", join(folder, tarball.filename)], folder);
  for (const subpath of Object.keys(manifest.exports).filter((path) => !path.endsWith(".json"))) {
    const name = `dram${subpath.slice(1)}`;
    run(
      process.execPath,
      ["--input-type=module", "-e", `await import(${JSON.stringify(name)})`],
      folder,
    );
    check(`${name} can be imported alone`);
  }

  writeFileSync(join(folder, "consumer.ts"), CONSUMER);
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        strict: true,
        noEmit: true,
        skipLibCheck: false,
        module: "NodeNext",
        target: "ES2024",
        lib: ["ES2024", "DOM", "DOM.Iterable"],
        types: [],
      },
      files: ["consumer.ts"],
    }),
  );
  run("npx", ["tsc", "-p", folder], root);
  check("a strict consumer compiles against the shipped declarations");
  run(process.execPath, [join(folder, "consumer.ts")], folder);
  check("the consumer runs");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`package: ${passed} passed, 0 failed`);

function check(fact: string): void {
  passed++;
  console.log(`ok ${fact}`);
}

function run(command: string, parameters: readonly string[], cwd: string): string {
  return execFileSync(command, parameters, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
}
