import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { stop } from "../run/process.ts";
import type { Server } from "../run/servers.ts";

/** The program itself, which Miniflare starts as well: behind npm's launcher it would be a grandchild. */
export const WORKERD: string = createRequire(
  createRequire(import.meta.url).resolve("workerd"),
).resolve(
  `@cloudflare/workerd-${process.platform}-${process.arch === "x64" ? "64" : process.arch}/bin/workerd`,
);

/**
 * Starts workerd with a bundle.
 *
 * @param isolates How many Workers it is, of which the first is served.
 */
export async function startWorkerd(name: string, path: string, isolates = 1): Promise<Server> {
  const config = join(dirname(path), `${isolates}.capnp`);
  await writeFile(config, configuration(basename(path), isolates));
  const child = spawn(WORKERD, ["serve", "--control-fd=1", config], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const { port }: { port: number } = JSON.parse(line);
    return { name, port, pid: child.pid, close: () => stop(child) };
  }
  throw new Error("workerd does not serve");
}

/**
 * workerd's configuration of a module, with the flags of wrangler.toml.
 *
 * @param module Beside the configuration.
 * @param v8Flags Of V8's, such as `--expose-gc`.
 */
export function configuration(
  module: string,
  isolates: number,
  v8Flags: readonly string[] = [],
): string {
  const services = Array.from({ length: isolates }, (_, index) => index).map(
    (index) => `(name = "w${index}", worker = .worker)`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [ ${services.join(", ")} ],
  sockets = [ (name = "http", address = "127.0.0.1:0", http = (), service = "w0") ],
  v8Flags = ${JSON.stringify(v8Flags)}
);

const worker :Workerd.Worker = (
  modules = [ (name = "worker", esModule = embed "${module}") ],
  compatibilityDate = "2026-07-30",
  compatibilityFlags = ["enable_request_signal"]
);
`;
}
