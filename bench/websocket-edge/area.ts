import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";
import { bundle } from "../../scripts/bundle.ts";
import { DENO, DENO_ENV } from "../../tests/targets/deno.ts";
import type { Area, Effort } from "../run/area.ts";
import { family, nameOf, start, stop } from "../run/process.ts";
import type { Cell } from "../run/results.ts";
import { type Server, withServers } from "../run/servers.ts";
import { compareEchoes } from "../run/sockets.ts";

export const area: Area = {
  about:
    "The same echo in a Worker, in a Durable Object that hibernates (both through Miniflare, which lets their sockets be reached directly), and on Deno.",
  async *measure(effort) {
    const load = new URL("../websocket/load-child.ts", import.meta.url);
    const generator = start(load, [], { load: true });
    try {
      yield* onWorkerd(generator, effort);
      yield* withServers(
        ["bare", "dram"].map((name) => () => startDeno(name)),
        async function* (servers) {
          yield await compareEchoes("Deno", servers, generator, effort);
        },
      );
    } finally {
      await stop(generator);
    }
  },
};

async function* onWorkerd(generator: ChildProcess, effort: Effort): AsyncGenerator<Cell> {
  const names = ["bare", "dram", "bare object", "dram object"];
  const script = await bundle(new URL("./worker.mjs", import.meta.url), { minify: true });
  const miniflare = new Miniflare({
    cf: false,
    // workerd has a line for each client that vanishes, and they all do.
    handleStructuredLogs() {},
    workers: names.map((name) => ({
      name: name.replace(" ", "-"),
      modules: true as const,
      script,
      bindings: { NAME: name },
      durableObjects: { BARE: "BareObject", DRAM: "DramObject" },
      compatibilityDate: "2026-07-30",
      compatibilityFlags: ["enable_request_signal"],
      // Straight to each Worker: Miniflare's own Worker in front would hide most of the difference.
      unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    })),
  });
  try {
    await miniflare.ready;
    const pid = family(process.pid).find((member) => nameOf(member) === "workerd");
    const servers = await Promise.all(
      names.map(async (name): Promise<Server> => {
        const { port } = await miniflare.unsafeGetDirectURL(name.replace(" ", "-"));
        return { name, port: Number(port), pid, close: () => undefined };
      }),
    );
    yield await compareEchoes("a Worker", servers.slice(0, 2), generator, effort);
    const objects = servers
      .slice(2)
      .map((server) => ({ ...server, name: server.name.replace(" object", "") }));
    yield await compareEchoes("a Durable Object", objects, generator, effort);
  } finally {
    await miniflare.dispose();
  }
}

async function startDeno(name: string): Promise<Server> {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const module = fileURLToPath(new URL("./deno.mjs", import.meta.url));
  const child = spawn(DENO, ["run", "--allow-net", module, name], {
    cwd: root,
    env: DENO_ENV,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [port] = await once(createInterface({ input: child.stdout }), "line");
  return { name, port: Number(port), pid: child.pid, close: () => stop(child) };
}
