import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build as bundle } from "esbuild";
import { CONDITIONS } from "../../scripts/bundle.ts";
import {
  bootModules,
  type WorkerdOptions,
  type WorkerdTarget,
  type WorkerModule,
} from "./workerd.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Standard libraries that are compiled already: it takes nine seconds. */
const CACHE = join(root, "node_modules/.cache/python-build");

/** What `dram python build` has made. */
export interface PythonBuild {
  /** `index.js` and `worker.js` are in it. */
  readonly folder: string;
  /** What the command has printed. */
  readonly output: string;
  remove(): void;
}

/**
 * Runs `dram python build`.
 *
 * @param parameters But for `--out`.
 * @throws {Error} With `stderr`, if it fails.
 */
export async function buildPython(parameters: readonly string[]): Promise<PythonBuild> {
  const parent = await mkdtemp(join(tmpdir(), "dram-python-"));
  const folder = join(parent, "python");
  // So that a module beside the build finds dram by its names.
  mkdirSync(join(parent, "node_modules"));
  symlinkSync(root, join(parent, "node_modules/dram"));
  if (existsSync(CACHE)) {
    cpSync(CACHE, folder, { recursive: true });
  }
  const { stdout } = await dram("python", "build", ...parameters, "--out", folder);
  if (!existsSync(CACHE)) {
    keep(folder);
  }
  return {
    folder,
    output: stdout,
    remove: () => rmSync(parent, { recursive: true, force: true }),
  };
}

/** Runs the command `dram`. */
export function dram(
  ...parameters: readonly string[]
): Promise<{ stdout: string; stderr: string }> {
  const command = ["--conditions=dram-source", "--no-warnings", join(root, "cli/main.ts")];
  return promisify(execFile)(process.execPath, [...command, ...parameters]);
}

/** Test files run at the same time: what is there is there as a whole. */
function keep(folder: string): void {
  const own = `${CACHE}-${process.pid}`;
  mkdirSync(own, { recursive: true });
  for (const name of ["manifest.js", "stdlib.bin"]) {
    cpSync(join(folder, name), join(own, name));
  }
  try {
    renameSync(own, CACHE);
  } catch {
    rmSync(own, { recursive: true });
  }
}

/** Options of fromPython, as JSON can say them. */
type Options = Readonly<Record<string, unknown>>;

/**
 * Boots workerd with an application in a build, as Wrangler would deploy it.
 *
 * @param workerd `application`: how it is made of `options`; default `fromPython(options)`.
 */
export async function bootPythonWorker(
  build: PythonBuild,
  options: Options,
  workerd: WorkerdOptions & { readonly application?: string } = {},
): Promise<WorkerdTarget> {
  const { application, ...others } = workerd;
  return bootWorkerEntry(writeWorker(build, options, application), build.folder, others);
}

/** Boots workerd with a Worker that imports `worker.js` of the build in `folder`. */
async function bootWorkerEntry(
  entry: string,
  folder: string,
  workerd: WorkerdOptions = {},
): Promise<WorkerdTarget> {
  const { outputFiles } = await bundle({
    entryPoints: [entry],
    bundle: true,
    write: false,
    outdir: folder,
    format: "esm",
    target: "es2024",
    conditions: CONDITIONS,
    // As Wrangler has them: modules of their own.
    loader: { ".wasm": "copy", ".bin": "copy" },
    // In the folder: "[dir]" would lead out of it.
    assetNames: "[name]-[hash]",
    external: ["cloudflare:*"],
    logLevel: "error",
  });
  const modules = outputFiles.map(({ path, contents }) => ({
    path: relative(folder, path),
    contents: new Uint8Array(contents),
  }));
  const isEntry = ({ path }: WorkerModule): boolean => path.endsWith(".js");
  return bootModules(
    [...modules].sort((a, b) => Number(isEntry(b)) - Number(isEntry(a))),
    workerd,
  );
}

/**
 * Writes the entry of a Worker, and what Wrangler is to know of it.
 *
 * @returns The path of the wrangler.json.
 */
export function wranglerConfig(build: PythonBuild, options: Options): string {
  const path = join(build.folder, "../wrangler.json");
  const config = {
    name: "python",
    main: writeWorker(build, options),
    compatibility_date: "2026-07-30",
    compatibility_flags: ["enable_request_signal"],
    // Wrangler would look for what npm ships of dram.
    alias: {
      "dram/asgi": join(root, "frameworks/asgi/mod.ts"),
      "dram/from/python": join(root, "frameworks/python/mod.ts"),
      "dram/workers": join(root, "adapters/workers/mod.ts"),
    },
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

function writeWorker(
  { folder }: PythonBuild,
  options: Options,
  application = "fromPython(options)",
): string {
  const path = join(folder, "../worker.js");
  writeFileSync(
    path,
    `import { fromAsgi } from "dram/asgi";
import { fromPython, pythonAsgi } from "dram/from/python";
import { toWorker } from "dram/workers";
import runtime from "./python/worker.js";

const options = { runtime, ...${JSON.stringify(options)} };
export default toWorker(${application});
`,
  );
  return path;
}
