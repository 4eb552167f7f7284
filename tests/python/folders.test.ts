// Folders of the machine's own, as an interpreter in a process sees them.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { bootNode } from "../targets/node.ts";
import { textOf } from "../targets/target.ts";
import { apps } from "./apps.ts";
import { PLACES, serving } from "./targets.ts";

// Each starts a Python or two.
vi.setConfig({ testTimeout: 60_000 });

// Where Deno may read.
const cache = fileURLToPath(new URL("../../node_modules/.cache", import.meta.url));
const places = PLACES.filter(([place]) => place === "node" || place === "deno");

let folder: string;

beforeAll(() => {
  mkdirSync(cache, { recursive: true });
  folder = mkdtempSync(join(cache, "python-folders-"));
});

afterAll(() => rmSync(folder, { recursive: true }));

test.each(places)("on %s, a folder of site may be a symbolic link", async (place, boot) => {
  const link = join(folder, place);
  symlinkSync(apps, link);
  const target = await boot({ app: "spec:hello", site: [link] });
  expect(await textOf(await target.send({ path: "/" }))).toBe("Hello from Python");
  await target.close();
});

test("a database in a folder of site outlives the process", async () => {
  const site = [mkdtempSync(join(folder, "database-")), apps];
  for (const count of ["1", "2"]) {
    const target = await bootNode({ module: serving({ app: "counting:app", site }) });
    expect(await textOf(await target.send({ path: "/" }))).toBe(count);
    await target.close();
  }
});
