import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { fromPython } from "dram/from/python";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { DENO, DENO_ENV, denoConfig } from "../targets/deno.ts";
import { linesOf } from "../targets/lines.ts";
import {
  bootPythonWorker,
  buildPython,
  dram,
  type PythonBuild,
  wranglerConfig,
} from "../targets/pythonbuild.ts";
import { textOf, until } from "../targets/target.ts";

const root = join(import.meta.dirname, "../..");
const fixtures = join(import.meta.dirname, "build");
const app = join(fixtures, "app");
const wheels = join(fixtures, "wheels");
const wrangler = join(root, "node_modules/wrangler/bin/wrangler.js");

// Each starts a Python or two.
vi.setConfig({ testTimeout: 60_000 });

let compiled: PythonBuild;
let snapshot: PythonBuild;
let folder: string;

beforeAll(async () => {
  const parameters = ["--app", "probe:app", "--site", app, "--site", wheels, "--workers"];
  compiled = await buildPython(parameters);
  snapshot = await buildPython([...parameters, "--snapshot", "--env", "TITLE=built"]);
  folder = await mkdtemp(join(tmpdir(), "dram-build-"));
}, 120_000);

afterAll(async () => {
  compiled?.remove();
  snapshot?.remove();
  await rm(folder, { recursive: true, force: true });
});

const DENO_PERMITS = ["--allow-env", `--allow-read=${root},${tmpdir()}`];

/** What the application answers in two interpreters of one build. */
type Visit = (
  build: PythonBuild,
  environment: Record<string, string>,
  ...paths: string[]
) => Promise<[answers: Answer[], others: Answer[]]>;

type Answer = Record<string, string>;

const PLATFORMS: readonly [name: string, visit: Visit][] = [
  ["Node", (...visit) => visitProcess(process.execPath, ["--conditions=dram-source"], ...visit)],
  // No more than it needs: time zones it does without.
  ["Deno", (...visit) => visitProcess(DENO, ["run", ...DENO_PERMITS, ...denoConfig()], ...visit)],
  ["workerd", visitWorkerd],
];

async function visitProcess(
  program: string,
  flags: string[],
  build: PythonBuild,
  environment: Record<string, string>,
  ...paths: string[]
): Promise<[Answer[], Answer[]]> {
  const script = join(fixtures, "visit.ts");
  const options = JSON.stringify({ app: "probe:app", environment });
  const parameters = [...flags, script, join(build.folder, "index.js"), options, ...paths];
  const { stdout } = await promisify(execFile)(program, parameters, {
    env: { ...process.env, ...DENO_ENV },
  });
  return JSON.parse(stdout);
}

async function visitWorkerd(
  build: PythonBuild,
  environment: Record<string, string>,
  ...paths: string[]
): Promise<[Answer[], Answer[]]> {
  const visit = async (): Promise<Answer[]> => {
    const worker = await bootPythonWorker(build, { app: "probe:app", environment });
    try {
      return await Promise.all(
        paths.map(async (path) => JSON.parse(await textOf(await worker.send({ path })))),
      );
    } finally {
      await worker.close();
    }
  };
  return [await visit(), await visit()];
}

describe.each(PLATFORMS)("on %s", (_name, visit) => {
  test("a build has the modules, their data and wheels, and no sources", async () => {
    const [[about]] = await visit(compiled, { TITLE: "now" }, "/about");
    expect(about).toEqual({
      title: "now",
      later: "none",
      wheel: "out of a wheel",
      data: "beside the module",
      row: "a row",
      written: "at the import",
      ballast: 10_240_000,
      source: false,
      library: "/lib/python314.zip/json/__init__.pyc",
      machine: [],
    });
  });

  test("a snapshot has imported the application in the environment of the build", async () => {
    const [[about]] = await visit(snapshot, { TITLE: "now", LATER: "too" }, "/about");
    expect(about).toEqual({
      title: "built",
      later: "too",
      wheel: "out of a wheel",
      data: "beside the module",
      row: "a row",
      written: "at the import",
      ballast: 10_240_000,
      source: false,
      library: "/lib/python314.zip/json/__init__.pyc",
      machine: [],
    });
  });

  test("two interpreters of one snapshot have no random number in common", async () => {
    const [[some = {}], [others = {}]] = await visit(snapshot, {}, "/numbers");
    expect(Object.keys(some).length).toBe(6);
    const common = Object.keys(some).filter((name) => some[name] === others[name]);
    expect(common).toEqual([]);
  });

  test("hashlib has pbkdf2_hmac, at the import and after it", async () => {
    const [[hashed]] = await visit(compiled, {}, "/hashed");
    expect(hashed).toEqual([
      "120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b",
      "ae4d0c95af6b46d32d0adff928f06dd02a303f8ef3c251dfd6e2d85a95474c43",
    ]);
  });
});

describe("what is printed", () => {
  test("tells the size of each part, and how long it takes to start", () => {
    expect(snapshot.output).toMatch(
      /^.+ is ready to start probe:app\n +bytes +gzip\n {2}Pyodide 314\.\S+ +[\d,]+ +[\d,]+\n {2}standard library +[\d,]+ +[\d,]+\n {2}application, \d+ files +[\d,]+ +[\d,]+\n {2}snapshot +[\d,]+ +[\d,]+\n {2}all of a Worker +[\d,]+ +[\d,]+\n\nfrom the start of Node \S+ until the application can be called\n {2}compiled +\d+ ms\n {2}from the snapshot +\d+ ms\n/,
    );
  });

  test("names the extension modules that are left out", () => {
    expect(compiled.output).toContain(
      "\nleft out, as a Pyodide cannot load them:\n  wheeled_native.so\n",
    );
  });
});

describe("a snapshot is refused", () => {
  test("by another application", async () => {
    const { default: runtime } = await import(join(snapshot.folder, "index.js"));
    await expect(fromPython({ app: "other:app", runtime }).ready()).rejects.toMatchObject({
      code: "ERR_OPTION",
      message: 'option app is "other:app"; the snapshot of option runtime has imported "probe:app"',
    });
  });

  test("by another version of dram", async () => {
    const { default: runtime } = await import(join(snapshot.folder, "index.js"));
    const old = { ...runtime, snapshot: { app: "probe:app", gateway: "0123456789abcdef" } };
    await expect(fromPython({ app: "probe:app", runtime: old }).ready()).rejects.toMatchObject({
      code: "ERR_OPTION",
      message:
        "option runtime has a snapshot that another version of dram has made; wanted a new build: npx dram python build",
    });
  });
});

describe("a build fails", () => {
  const site = ["--site", app, "--site", wheels];

  test.each([
    ["without an application", ["--site", app], "python build needs --app MODULE:ATTRIBUTE"],
    ["without a folder", ["--app", "a:b"], "python build needs --site FOLDER, at least once"],
    [
      "for an application without a module",
      ["--app", "app", "--site", app],
      "--app app: wanted MODULE:ATTRIBUTE",
    ],
    ["for a word", ["word", "--app", "a:b"], "python build takes options only; found word"],
    ["for an unknown option", ["--fast"], "Unknown option '--fast'"],
    [
      "for an environment variable without a value",
      ["--app", "a:b", "--site", app, "--env", "A"],
      "--env A: wanted NAME=VALUE",
    ],
  ])("%s", async (_name, parameters, message) => {
    const { code, stderr } = await failure("python", "build", ...parameters);
    expect(stderr.slice(0, 6 + message.length)).toBe(`dram: ${message}`);
    expect(stderr).toContain("\nUsage: dram ");
    expect(code).toBe(2);
  });

  test("for a folder that is not there", async () => {
    const { code, stderr } = await failure("python", "build", "--app", "a:b", "--site", "/nowhere");
    expect(stderr).toBe("dram: there is no folder /nowhere\n");
    expect(code).toBe(1);
  });

  test("where other files would be overwritten", async () => {
    const out = join(folder, "others");
    mkdirSync(out);
    writeFileSync(join(out, "thesis.txt"), "");
    const { stderr } = await failure("python", "build", "--app", "a:b", ...site, "--out", out);
    expect(stderr).toBe(`dram: ${out} has files in it that are no build of this command\n`);
    expect(existsSync(join(out, "thesis.txt"))).toBe(true);
  });

  test("with a traceback, for a module that is missing", async () => {
    const message = await buildPython(["--app", "missing:app", ...site]).catch(String);
    expect(message).toContain("missing:app cannot be imported:\n");
    expect(message).toContain('File "/site/missing.py", line 1, in <module>');
    expect(message).toContain("ModuleNotFoundError: No module named 'nowhere'");
  });

  test("for a snapshot of an open file", async () => {
    const message = await buildPython(["--app", "opening:app", ...site, "--snapshot"]).catch(
      String,
    );
    expect(message).toContain(
      "dram: opening:app keeps /opening.db open after its import, which no snapshot can hold; wanted it closed\n",
    );
  });

  test("for a wheel that is none", async () => {
    const broken = join(folder, "broken");
    mkdirSync(broken);
    writeFileSync(join(broken, "a-1-py3-none-any.whl"), "nothing");
    const message = await buildPython(["--app", "a:b", "--site", broken]).catch(String);
    expect(message).toContain("a-1-py3-none-any.whl is no wheel: File is not a zip file\n");
  });
});

test("python has no other command than build", async () => {
  const { code, stderr } = await failure("python", "bake");
  expect(stderr).toMatch(/^dram: python has one command, build; found bake\n/);
  expect(code).toBe(2);
});

test("a build has what links lead to, and neither builds nor what nobody imports", async () => {
  const site = join(folder, "site");
  cpSync(app, site, { recursive: true });
  symlinkSync(join(wheels, "..", "visit.ts"), join(site, "linked.ts"));
  symlinkSync("/nowhere", join(site, "dangling.py"));
  for (const name of ["node_modules", ".venv", "package/__pycache__"]) {
    mkdirSync(join(site, name));
    writeFileSync(join(site, name, "useless.py"), "");
  }
  writeFileSync(join(site, "package/messages.po"), "");
  const parameters = ["--app", "package.here:data", "--site", site];
  const files = async (name: string): Promise<string | undefined> => {
    const { stdout } = await dram("python", "build", ...parameters, "--out", join(site, name));
    return /application, (\d+) files/.exec(stdout)?.[1];
  };
  expect(await files("python")).toBe("8");
  expect(await files("another")).toBe("8");
}, 120_000);

test("a build that was interrupted is taken up by the next, and leaves the one before as it is", async () => {
  const out = join(folder, "interrupted");
  const parameters = ["python", "build", "--app", "package.here:data", "--site", app, "--out", out];
  await interrupted("compiling the modules", parameters);
  await dram(...parameters);
  const before = contentsOf(out);
  expect(Object.keys(before)).toContain("site.bin");
  await interrupted("importing package.here:data", [...parameters, "--site", wheels]);
  expect(contentsOf(out)).toEqual(before);
  await dram(...parameters, "--site", wheels);
  expect(readdirSync(out).toSorted()).toEqual(Object.keys(before));
  expect(contentsOf(out)).not.toEqual(before);
}, 120_000);

test("a build may be in a package of CommonJS, which npm init makes", async () => {
  const commonjs = join(folder, "commonjs");
  const out = join(commonjs, "python");
  cpSync(compiled.folder, out, { recursive: true });
  writeFileSync(join(commonjs, "package.json"), '{ "type": "commonjs" }\n');
  const parameters = ["--app", "package.here:data", "--site", app, "--out", out];
  const { stdout } = await dram("python", "build", ...parameters);
  expect(stdout).toContain(`${out} is ready to start package.here:data\n`);
});

test("workerd is told which WebAssembly is missing", async () => {
  const copy = { ...compiled, folder: join(folder, "incomplete/python") };
  cpSync(join(compiled.folder, ".."), join(folder, "incomplete"), { recursive: true });
  writeFileSync(join(copy.folder, "stubs.js"), "export const stubs = new Map();\n");
  const worker = await bootPythonWorker(copy, { app: "probe:app" });
  await worker.send({ path: "/about" });
  await until(() =>
    worker.log.some((line) =>
      /the build has recorded no WebAssembly of these \d+ bytes, and workerd compiles none: 0061736d/.test(
        line,
      ),
    ),
  );
  await worker.close();
});

test("an exception in a compiled module is logged with its file and line", async () => {
  const worker = await bootPythonWorker(compiled, { app: "probe:app" });
  expect((await worker.send({ path: "/failure" })).status).toBe(500);
  await until(() => worker.log.some((line) => line.includes("ValueError: as it must")));
  expect(worker.log.join("\n")).toContain('File "/site/probe.py", line 67, in failure');
  await worker.close();
});

describe("Wrangler", () => {
  let config: string;

  beforeAll(() => {
    config = wranglerConfig(snapshot, { app: "probe:app" });
  });

  test("needs no rules, and has nothing to warn of", async () => {
    const parameters = ["deploy", "--dry-run", "--config", config, "--outdir", join(folder, "out")];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [
      wrangler,
      ...parameters,
    ]);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^Total Upload: [\d.]+ KiB \/ gzip: [\d.]+ KiB\n/);
  });

  test("serves the build while it is developed", async () => {
    const where = ["--ip", "127.0.0.1", "--port", "0", "--inspector-port", "0"];
    const server = spawn(process.execPath, [wrangler, "dev", "--config", config, ...where], {
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const log = linesOf(server.stdout);
    const origin = (): string | undefined =>
      log.map((line) => /Ready on (\S+)/.exec(line)?.[1]).find((found) => found !== undefined);
    await until(() => origin() !== undefined, 30_000);
    const response = await fetch(`${origin()}/about`);
    expect(await response.json()).toMatchObject({ title: "built", data: "beside the module" });
    process.kill(-(server.pid ?? 0), "SIGTERM");
    await once(server, "exit");
  });
});

/** Kills the command `dram` when it prints that line. */
async function interrupted(at: string, parameters: readonly string[]): Promise<void> {
  const command = ["--conditions=dram-source", "--no-warnings", join(root, "cli/main.ts")];
  const child = spawn(process.execPath, [...command, ...parameters]);
  const log = linesOf(child.stderr);
  await until(() => log.some((line) => line.includes(at)), 60_000);
  child.kill("SIGKILL");
  await once(child, "exit");
}

/** Sizes of the files of a build, by their names; not of what is hidden. */
function contentsOf(path: string): Record<string, number> {
  const names = readdirSync(path).filter((name) => !name.startsWith("."));
  return Object.fromEntries(
    names.toSorted().map((name) => [name, statSync(join(path, name)).size]),
  );
}

/** A command that fails. */
async function failure(...parameters: string[]): Promise<{ code: number; stderr: string }> {
  try {
    await dram(...parameters);
  } catch (error) {
    return error as { code: number; stderr: string };
  }
  throw new Error(`dram ${parameters.join(" ")} did not fail`);
}
