import { statSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { isApp } from "../../frameworks/python/mod.ts";
import { Failure } from "../failure.ts";

/** What `dram python build` is asked for. Paths are absolute. */
export interface CommandLine {
  readonly app: string;
  readonly site: readonly string[];
  readonly out: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly snapshot: boolean;
  readonly workers: boolean;
}

/** @throws {Failure} If it is wrong. */
export function parseCommandLine(parameters: readonly string[]): CommandLine {
  const { values, positionals } = parse(parameters);
  if (positionals.length > 0) {
    throw new Failure(`python build takes options only; found ${positionals.join(" ")}`, 2);
  }
  if (values.app === undefined) {
    throw new Failure("python build needs --app MODULE:ATTRIBUTE", 2);
  }
  if (!isApp(values.app)) {
    throw new Failure(`--app ${values.app}: wanted MODULE:ATTRIBUTE`, 2);
  }
  if (values.site === undefined) {
    throw new Failure("python build needs --site FOLDER, at least once", 2);
  }
  return {
    app: values.app,
    site: values.site.map(folderAt),
    out: resolve(values.out),
    environment: Object.fromEntries(values.env.map(variable)),
    snapshot: values.snapshot,
    workers: values.workers,
  };
}

function parse(parameters: readonly string[]) {
  try {
    return parseArgs({
      args: [...parameters],
      allowPositionals: true,
      options: {
        app: { type: "string" },
        site: { type: "string", multiple: true },
        out: { type: "string", default: "python" },
        env: { type: "string", multiple: true, default: [] },
        snapshot: { type: "boolean", default: false },
        workers: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new Failure(error instanceof Error ? error.message : String(error), 2);
  }
}

function folderAt(path: string): string {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Failure(`there is no folder ${path}`);
  }
  return resolve(path);
}

function variable(text: string): [name: string, value: string] {
  const end = text.indexOf("=");
  if (end < 1) {
    throw new Failure(`--env ${text}: wanted NAME=VALUE`, 2);
  }
  return [text.slice(0, end), text.slice(end + 1)];
}
