// workerd itself: Miniflare's own Worker would stand in front, and be what is measured.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { bundle } from "../../scripts/bundle.ts";
import { linesOf } from "../../tests/targets/lines.ts";
import { until } from "../../tests/targets/target.ts";
import { configuration, WORKERD } from "../workers/workerd.ts";

export interface Workerd {
  readonly process: ChildProcess;
  readonly port: number;
  readonly log: readonly string[];
}

/** Serves a Worker as wrangler.toml configures it. */
export async function startWorkerd(entry: URL): Promise<Workerd> {
  const folder = await mkdtemp(join(tmpdir(), "dram-soak-"));
  const file = join(folder, "config.capnp");
  await writeFile(join(folder, "worker.js"), await bundle(entry));
  await writeFile(file, configuration("worker.js", 1, ["--expose-gc"]));
  const child = spawn(WORKERD, ["serve", file, "--control-fd=3"], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const log = linesOf(child.stderr);
  const output = linesOf(child.stdout);
  const events = linesOf(child.stdio[3] as Readable);
  await until(() => events.length > 0 || child.exitCode !== null);
  await rm(folder, { recursive: true });
  const { port = 0 }: { port?: number } = JSON.parse(events[0] ?? "{}");
  if (port === 0) {
    throw new Error(`workerd does not serve: ${[...log, ...output].join("\n")}`);
  }
  return { process: child, port, log };
}
