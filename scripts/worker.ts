import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import type { BuildOptions, BuildResult, OutputFile, Plugin } from "esbuild";
import type { MiniflareOptions, WorkerdStructuredLog } from "miniflare";
import {
  type SourcelessWorkerOptions,
  unstable_getMiniflareWorkerOptions,
  unstable_readConfig,
} from "wrangler";
import { CONDITIONS } from "./bundle.ts";

/** A Worker as its wrangler.toml describes it. */
interface Project {
  readonly name: string;
  /** Absolute path of the wrangler.toml. */
  readonly path: string;
  /** Absolute path of the entry. */
  readonly main: string;
  /** The port of the `[dev]` table; 8787 where there is none. */
  readonly port: number;
  readonly define: Record<string, string>;
  /** Compatibility date and flags, variables and bindings. */
  readonly options: SourcelessWorkerOptions;
}

/**
 * @param path Of a wrangler.toml.
 * @throws {Error} If there is no such file, or it is not TOML, or it names no entry.
 */
export function readProject(path: string): Project {
  // Wrangler would put a log file into the home directory.
  process.env.WRANGLER_WRITE_LOGS ??= "false";
  // For a warning about the file it would ask the npm registry for a newer Wrangler.
  const config = unstable_readConfig({ config: resolve(path) }, { hideWarnings: true });
  const { workerOptions, define, main } = unstable_getMiniflareWorkerOptions(config);
  if (main === undefined) {
    throw new Error(`${path} names no entry: main = "worker.ts" is missing`);
  }
  return {
    name: config.name ?? "worker",
    path: resolve(path),
    main,
    port: config.dev.port ?? 8787,
    define,
    options: workerOptions,
  };
}

/** What esbuild needs to make one module of the Worker, and a source map beside it. */
export function bundling(
  project: Project,
): BuildOptions & { write: false; metafile: true; plugins: Plugin[] } {
  return {
    entryPoints: [project.main],
    absWorkingDir: dirname(project.path),
    bundle: true,
    write: false,
    outfile: "worker.js",
    format: "esm",
    target: "es2024",
    conditions: CONDITIONS,
    external: ["cloudflare:*", "node:*"],
    plugins: [besides(project)],
    metafile: true,
    define: project.define,
    sourcemap: "external",
    sourcesContent: false,
    logLevel: "silent",
  };
}

/** Modules that are no JavaScript, as Wrangler takes them by default. */
const DATA = { ".bin": "Data", ".wasm": "CompiledWasm" } as const;

/** A bundle as `bundling` makes it. */
type Bundle = BuildResult<ReturnType<typeof bundling>>;

/**
 * What Miniflare needs to run the bundle in workerd, for this machine only and without a call to
 * the network.
 *
 * @param port 0 for any that is free.
 */
export function serving(
  project: Project,
  { outputFiles: bundle, metafile }: Bundle,
  port: number,
): MiniflareOptions {
  const code = text(bundle, ".js");
  const positions = new SourceMap(JSON.parse(text(bundle, ".js.map")));
  const { modulesRules: _, ...options } = project.options;
  return {
    ...options,
    name: project.name,
    modules: [{ type: "ESModule", path: "worker.js", contents: code }, ...data(project, metafile)],
    host: "127.0.0.1",
    port,
    cf: false,
    logRequests: false,
    handleStructuredLogs({ level, message }: WorkerdStructuredLog) {
      const print = level === "error" || level === "warn" ? console.error : console.log;
      print(inSources(message, positions));
    },
  };
}

/** Leaves modules that are no JavaScript where they are, named from the folder of the project. */
function besides({ path: project }: Project): Plugin {
  return {
    name: "beside the bundle",
    setup: ({ onResolve }) =>
      onResolve({ filter: /\.(?:bin|wasm)$/ }, ({ path, resolveDir }) => ({
        path: `./${relative(dirname(project), join(resolveDir, path))}`,
        external: true,
      })),
  };
}

/** The modules that the bundle imports from beside it. */
function data(project: Project, { outputs }: Bundle["metafile"]) {
  const paths = Object.values(outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  return [...new Set(paths)].flatMap((path) =>
    Object.entries(DATA).flatMap(([end, type]) =>
      path.endsWith(end)
        ? [{ type, path: join(path), contents: readFileSync(join(dirname(project.path), path)) }]
        : [],
    ),
  );
}

/** The same text with every place in the bundle replaced by the one in the sources. */
function inSources(message: string, positions: SourceMap): string {
  return message.replace(/(?:file:\/\/\S*\/)?\bworker\.js:(\d+):(\d+)/g, (place, line, column) => {
    const origin = positions.findOrigin(Number(line), Number(column));
    return "fileName" in origin
      ? `${origin.fileName}:${origin.lineNumber}:${origin.columnNumber}`
      : place;
  });
}

function text(bundle: OutputFile[], end: string): string {
  const file = bundle.find(({ path }) => path.endsWith(end));
  if (!file) {
    throw new Error(`the bundle has no ${end}`);
  }
  return file.text;
}
