import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Build, build } from "./build.ts";
import { run } from "./run.ts";

const root = join(import.meta.dirname, "../..");

const APPS: Readonly<Record<string, string>> = {
  flask: "app:app",
  django: "readinglist.wsgi:application",
};

/**
 * Gets the packages of an example, and builds the folder `python` beside its entries.
 *
 * @param tell Takes a line about what is being done, which takes its time.
 * @throws {Error} If there is no such example, or a step fails.
 */
export async function prepareExample(name: string, tell: (line: string) => void): Promise<void> {
  const app = APPS[name];
  if (app === undefined) {
    throw new Error(`no example in Python is called ${name}: there are ${Object.keys(APPS)}`);
  }
  const packages = join(root, ".python", name);
  if (!existsSync(packages)) {
    tell(`Getting packages into .python/${name} ...`);
    await run(process.execPath, [join(root, "scripts/python-packages.ts"), name]);
  }
  const folder = join(root, "examples", name);
  const made: Build = { app, site: [folder, packages], out: join(folder, "python") };
  await build(made, () => tell(`Building examples/${name}/python, half a minute ...`));
}
