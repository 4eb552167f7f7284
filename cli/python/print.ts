import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { CommandLine } from "./commandline.ts";
import type { Site } from "./compile.ts";

/** A start that has been measured. */
export interface Start {
  readonly name: string;
  readonly milliseconds: number;
}

interface Build {
  readonly line: CommandLine;
  /** The version. */
  readonly pyodide: string;
  readonly site: Site;
  readonly starts: readonly Start[];
}

/** What has been built, how large it is and how long it takes to start. */
export function printBuild({ line, pyodide, site, starts }: Build): string {
  const { app, out } = line;
  const parts: readonly (readonly [name: string, patterns: readonly string[]])[] = [
    [`Pyodide ${pyodide}`, ["pyodide/*"]],
    ["standard library", ["stdlib.bin"]],
    [`application, ${site.files} files`, ["site.bin"]],
    ...(line.snapshot ? [["snapshot", ["snapshot.bin", "written.bin"]] as const] : []),
    ...(line.workers ? [["all of a Worker", WORKER] as const] : []),
  ];
  const rows = [
    ["", "bytes", "gzip"],
    ...parts.map(([name, patterns]) => [name, ...sizes(out, patterns)]),
  ];
  const times = starts.map(({ name, milliseconds }) => [name, `${milliseconds} ms`]);
  return [
    `${out} is ready to start ${app}\n`,
    table(rows),
    `\nfrom the start of Node ${process.versions.node} until the application can be called\n`,
    table(times),
    left(site.native),
    used(line),
  ].join("");
}

/** What Wrangler uploads, before it has made one module of the scripts. */
const WORKER = ["*.js", "*.bin", "pyodide/*.wasm", "workers/*", "stubs/*"];

function sizes(out: string, patterns: readonly string[]): [bytes: string, gzip: string] {
  const files = patterns
    .flatMap((pattern) => globSync(pattern, { cwd: out }))
    .filter((name) => name !== "index.js")
    .map((name) => readFileSync(join(out, name)));
  const bytes = files.reduce((total, file) => total + file.length, 0);
  return [grouped(bytes), grouped(gzipSync(Buffer.concat(files)).length)];
}

function grouped(bytes: number): string {
  return bytes.toLocaleString("en");
}

/** Columns of text, all but the first to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) => {
      const cells = row.map((cell, column) => {
        const width = widths?.[column] ?? 0;
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      });
      return `  ${cells.join("  ")}\n`;
    })
    .join("");
}

function left(native: readonly string[]): string {
  return native.length === 0
    ? ""
    : `\nleft out, as a Pyodide cannot load them:\n${native.map((path) => `  ${path}\n`).join("")}`;
}

function used({ app, out, workers }: CommandLine): string {
  const name = basename(out);
  const imports = [
    `  import runtime from "./${name}/index.js";   // Node, Deno, Lambda\n`,
    ...(workers ? [`  import runtime from "./${name}/worker.js";  // Cloudflare Workers\n`] : []),
  ];
  return `\n${imports.join("")}  fromPython({ app: "${app}", runtime })\n`;
}
