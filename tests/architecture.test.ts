import { execFile } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");

interface Manifest {
  readonly version: string;
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>> | string>>;
  readonly dependencies?: unknown;
  /** Of deno.json. */
  readonly imports?: Readonly<Record<string, string>>;
}

const manifest: Manifest = JSON.parse(read("package.json"));

/** Which folders the files of a folder may import, and only through their `mod.ts` or a public name. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  "adapters/fetch": ["core"],
  "adapters/workers": ["core", "adapters/fetch"],
  "adapters/deno": ["core", "adapters/fetch", "adapters/process"],
  "adapters/lambda": ["core"],
  "adapters/node": ["core", "adapters/process"],
  "adapters/fastcgi": ["core", "adapters/process"],
  "adapters/process": ["core"],
  "adapters/cgi": ["core", "adapters/process"],
  "frameworks/asgi": ["core"],
  "frameworks/fetch": ["core"],
  "frameworks/node": ["core"],
  "frameworks/python": ["core", "adapters/process", "frameworks/asgi"],
  client: ["core", "adapters/fetch"],
  conformance: ["core"],
  cli: ["core", "adapters/lambda", "frameworks/python"],
};

/** Packages of others that a folder may load, each an optional peer. */
const MAY_LOAD: Readonly<Record<string, readonly string[]>> = {
  "adapters/lambda": ["aws4fetch"],
  "adapters/node": ["ws"],
};

/** The only library folders that may use modules of Node. */
const MAY_USE_NODE = [
  "adapters/cgi",
  "adapters/lambda",
  "adapters/node",
  "adapters/fastcgi",
  "adapters/process",
  "frameworks/node",
  "frameworks/python",
  "conformance/transport",
  "cli",
];

test.each(Object.keys(MAY_IMPORT))("%s imports only what it may", (folder) => {
  const wrong = sources(folder).flatMap((file) =>
    imports(file)
      .filter((target) => !isAllowed(folder, file, target))
      .map((target) => `${file} imports ${target}`),
  );
  expect(wrong).toEqual([]);
});

test("every folder of the library has its rule", () => {
  const folders = [
    ...new Set(sources("{core,adapters,frameworks,client,conformance,cli}").map(folderOf)),
  ];
  expect(folders.toSorted()).toEqual(Object.keys(MAY_IMPORT).toSorted());
});

test("only core makes HTTP_ keys of header names", () => {
  const writers = sources("adapters").filter((file) =>
    /["'`]HTTP_(?:["'`]|\$\{)|environ(?:\.|\[")HTTP_\w+"?\]? = /.test(read(file)),
  );
  expect(writers).toEqual([]);
});

test.each(["tests", "examples", "bench"])("%s use dram by its public names", (folder) => {
  const wrong = sources(folder).filter((file) =>
    imports(file).some((target) =>
      /^(?:core|adapters|frameworks|client|conformance)\//.test(resolved(file, target)),
    ),
  );
  // What has no public name and does no I/O.
  const inner = [
    "tests/core/",
    "tests/fastcgi/records.test.ts",
    "tests/python/process/frames.test.ts",
  ];
  expect(wrong.filter((file) => !inner.some((path) => file.startsWith(path)))).toEqual([]);
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

test("npm and Deno are told the same public names", () => {
  const deno: Manifest = JSON.parse(read("deno.json"));
  const sources = Object.entries(manifest.exports).flatMap(([subpath, target]) =>
    typeof target === "string" ? [] : [[subpath, target["dram-source"]]],
  );
  expect(Object.entries(deno.exports)).toEqual(sources);
  expect(deno.version).toBe(manifest.version);
  // So that examples find them in a clone.
  const names = sources.map(([subpath = "", source]) => [`dram${subpath.slice(1)}`, source]);
  expect(Object.entries(deno.imports ?? {})).toEqual(names);
});

test("every folder that is a public name has a project of its own", () => {
  const projects: { references: { path: string }[] } = JSON.parse(read("tsconfig.json"));
  const paths = projects.references.map(({ path }) => path);
  expect(Object.keys(MAY_IMPORT).filter((folder) => !paths.includes(`./${folder}`))).toEqual([]);
});

test.each(publicNames())("%s can be imported alone, in a fresh process", async (name) => {
  const code = `await import(${JSON.stringify(name)})`;
  await promisify(execFile)(
    process.execPath,
    ["--conditions=dram-source", "--input-type=module", "--eval", code],
    { cwd: root },
  );
});

test("types are escaped at most twice in 1,000 lines", () => {
  const text = sources("{core,adapters,frameworks,client,conformance,cli}").map(read).join("");
  const escapes = text.match(/: any\b|<any>|\bas any\b|as unknown as|@ts-(?:expect-error|ignore)/g);
  expect(((escapes?.length ?? 0) * 1000) / text.split("\n").length).toBeLessThanOrEqual(2);
});

test("SERVER_SOFTWARE names the version of the package", () => {
  expect(read("core/version.ts")).toContain(`"${manifest.version}"`);
});

test("the changelog has the version of the package", () => {
  expect(read("CHANGELOG.md")).toContain(`## ${manifest.version}`);
});

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

function sources(folder: string): string[] {
  return globSync(`${folder}/**/*.ts`, { cwd: root }).filter((file) => !file.endsWith(".d.ts"));
}

function imports(file: string): string[] {
  return [...read(file).matchAll(/\b(?:from|import) ?\(?"([^"]+)"/g)].map(
    ([, target]) => target ?? "",
  );
}

/** The sources behind the public names. */
const publicSources = new Set(
  Object.values(manifest.exports).map((target) =>
    typeof target === "string" ? target : target["dram-source"],
  ),
);

function publicNames(): string[] {
  return Object.entries(manifest.exports).flatMap(([subpath, target]) =>
    typeof target === "string" ? [] : [`dram${subpath.slice(1)}`],
  );
}

/** `core`, `adapters/fetch`, ... */
function folderOf(file: string): string {
  const [top = "", name = ""] = file.split("/");
  return top === "adapters" || top === "frameworks" ? `${top}/${name}` : top;
}

/** The path of an imported file from the root; the name of a package as it is. */
function resolved(file: string, target: string): string {
  return target.startsWith(".") ? join(dirname(file), target) : target;
}

function isAllowed(folder: string, file: string, target: string): boolean {
  if (!target.startsWith(".")) {
    return (
      (MAY_LOAD[folder] ?? []).includes(target) ||
      (target.startsWith("node:") && MAY_USE_NODE.some((path) => file.startsWith(`${path}/`)))
    );
  }
  const path = resolved(file, target);
  const inside = path.startsWith(`${folder}/`);
  return (
    inside ||
    (MAY_IMPORT[folder] ?? []).some(
      (other) =>
        path === `${other}/mod.ts` ||
        (path.startsWith(`${other}/`) && publicSources.has(`./${path}`)),
    )
  );
}
