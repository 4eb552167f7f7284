import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Application } from "../core/mod.ts";
import { Failure } from "./failure.ts";

/** What a module is invoked by. */
export type Entry = { readonly application: Application } | { readonly handler: Handler };

type Handler = (event: unknown, context: unknown) => unknown;

/** The names of exports that the user has given. */
interface Names {
  readonly handler: string | undefined;
  readonly application: string | undefined;
}

/**
 * Loads a module, TypeScript as Node does it: types are stripped, and nothing is checked.
 *
 * @throws {Failure} If it is not there, cannot be loaded, or does not export what is wanted.
 */
export async function loadEntry(path: string, names: Names): Promise<Entry> {
  if (!existsSync(path)) {
    throw new Failure(`there is no file ${path}`);
  }
  const module = await load(path);
  const { handler, application } = names;
  if (handler !== undefined || (application === undefined && "handler" in module)) {
    return { handler: exported(module, handler ?? "handler", path) };
  }
  if (application !== undefined || "application" in module) {
    return { application: exported(module, application ?? "application", path) };
  }
  throw new Failure(
    `${path} exports neither handler nor application; ${listed(module)} (--handler or --application names another)`,
  );
}

type Module = Readonly<Record<string, unknown>>;

async function load(path: string): Promise<Module> {
  try {
    return await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw new Failure(`${path} cannot be loaded: ${reason}`);
  }
}

function exported<Wanted extends Application | Handler>(
  module: Module,
  name: string,
  path: string,
): Wanted {
  const value = module[name];
  if (typeof value !== "function") {
    throw new Failure(
      name in module
        ? `${name} of ${path} is of type ${typeof value}; wanted a function`
        : `${path} does not export ${name}; ${listed(module)}`,
    );
  }
  // Of a function from outside no more is known than that: whether it is right, calling it shows.
  return value as Wanted;
}

function listed(module: Module): string {
  const names = Object.keys(module);
  return names.length === 0 ? "it exports nothing" : `it exports ${names.join(", ")}`;
}
