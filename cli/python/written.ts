/** The part of Emscripten's file system that is looked through. */
export interface Files {
  readdir(path: string): string[];
  stat(path: string): { readonly mode: number; readonly size: number; readonly mtime: Date };
  isDir(mode: number): boolean;
  isFile(mode: number): boolean;
  readFile(path: string): Uint8Array;
}

/** What is no file of the application's: devices, what is mounted, what `fromPython` writes itself. */
const OTHERS = ["/dev", "/proc", "/lib/dram", "/usr/lib/zoneinfo", "/usr/share/zoneinfo"];

/** What tells whether a file has been written since. */
export type State = ReadonlyMap<string, string>;

/** How the files are now. */
export function stateOf(files: Files): State {
  return new Map(states(files, ""));
}

/** The files that have been written since, as output/files.ts reads them; empty for none. */
export function packWritten(files: Files, before: State): Uint8Array {
  const paths = [...states(files, "")]
    .filter(([path, state]) => before.get(path) !== state)
    .map(([path]) => path);
  if (paths.length === 0) {
    return new Uint8Array();
  }
  const contents = paths.map((path) => files.readFile(path));
  const entries = paths.map((path, index) => [path.slice(1), contents[index]?.length]);
  const index = Buffer.from(JSON.stringify(entries));
  const size = Buffer.alloc(4);
  size.writeUint32LE(index.length);
  return Buffer.concat([size, index, ...contents]);
}

function* states(files: Files, folder: string): Generator<[path: string, state: string]> {
  for (const name of files.readdir(folder || "/")) {
    const path = `${folder}/${name}`;
    if (name === "." || name === ".." || OTHERS.includes(path)) {
      continue;
    }
    const { mode, size, mtime } = files.stat(path);
    if (files.isDir(mode)) {
      yield* states(files, path);
    } else if (files.isFile(mode)) {
      yield [path, `${size} ${mtime.getTime()}`];
    }
  }
}
