import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");

interface Manifest {
  readonly version: string;
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>> | string>>;
  readonly dependencies?: unknown;
}

const manifest: Manifest = JSON.parse(read("package.json"));

/** Which folders the files of a folder may import, and only through their `mod.ts`. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  "adapters/fetch": ["core"],
  "adapters/workers": ["core", "adapters/fetch"],
};

test.each(Object.keys(MAY_IMPORT))("%s imports only what it may", (folder) => {
  const wrong = sources(folder).flatMap((file) =>
    imports(file)
      .filter((target) => !isAllowed(folder, file, target))
      .map((target) => `${file} imports ${target}`),
  );
  expect(wrong).toEqual([]);
});

test("only core makes HTTP_ keys of header names", () => {
  const writers = sources("adapters").filter((file) =>
    /\bHTTP_\$\{|environ(?:\.|\[")HTTP_\w+"?\]? = /.test(read(file)),
  );
  expect(writers).toEqual([]);
});

test.each(["tests", "examples", "bench"])("%s use dram by its public names", (folder) => {
  const wrong = sources(folder).filter((file) =>
    imports(file).some(
      (target) => /(^|\/)(core|adapters)\/\w/.test(target) && target.startsWith("../"),
    ),
  );
  expect(wrong.filter((file) => !file.startsWith("tests/core/"))).toEqual([]);
});

test("the library has no dependencies", () => {
  expect(manifest.dependencies).toBeUndefined();
});

test("every public name leads to its source and its build", () => {
  for (const [subpath, target] of Object.entries(manifest.exports)) {
    if (typeof target === "string") {
      continue;
    }
    const source = target["dram-source"] ?? "";
    expect(read(source), subpath).not.toBe("");
    const built = source.replace("./", "./dist/").replace(/\.ts$/, "");
    expect([target.types, target.default]).toEqual([`${built}.d.ts`, `${built}.js`]);
  }
});

test("SERVER_SOFTWARE names the version of the package", () => {
  expect(read("core/version.ts")).toContain(`"${manifest.version}"`);
});

test("the changelog has the version of the package", () => {
  expect(read("CHANGELOG.md")).toContain(`## ${manifest.version}`);
});

test("the application in the README is the one the examples run", () => {
  const [, block] = /```ts\n([\s\S]*?)```/.exec(read("README.md")) ?? [];
  expect(block).toBe(read("examples/readme/worker.ts"));
});

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

function sources(folder: string): string[] {
  return globSync(`${folder}/**/*.ts`, { cwd: root }).filter((file) => !file.endsWith(".d.ts"));
}

function imports(file: string): string[] {
  return [...read(file).matchAll(/\bfrom "([^"]+)"/g)].map(([, target]) => target ?? "");
}

function isAllowed(folder: string, file: string, target: string): boolean {
  if (!target.startsWith(".")) {
    return false;
  }
  const path = relative(root, join(root, dirname(file), target));
  const inside = path.startsWith(`${folder}/`);
  return inside || (MAY_IMPORT[folder] ?? []).some((other) => path === `${other}/mod.ts`);
}
