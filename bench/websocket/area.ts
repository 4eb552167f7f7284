import type { ChildProcess } from "node:child_process";
import type { Area } from "../run/area.ts";
import { ask, start, stop, told } from "../run/process.ts";
import { type Cell, type Figure, spread } from "../run/results.ts";
import { type Server, withServers } from "../run/servers.ts";
import { compareEchoes } from "../run/sockets.ts";

/** Connections without a message, against each candidate in turn. */
const IDLE = 10_000;

interface SocketServer extends Server {
  readonly child: ChildProcess;
}

export const area: Area = {
  about:
    "WebSockets on Node: 32 connections with 8 messages of 64 characters on their way, echoed, a second; then the memory that 10,000 idle connections take, each, after a collection. bare is ws as its README has it.",
  async *measure(effort) {
    const generator = start(new URL("./load-child.ts", import.meta.url), [], { load: true });
    const servers: SocketServer[] = [];
    try {
      yield* withServers(
        ["bare", "dram", "dram asgi"].map((name) => async () => {
          const server = await startServer(name);
          servers.push(server);
          return server;
        }),
        async function* () {
          yield await compareEchoes("echo of 64 characters", servers, generator, effort);
          yield* compareIdle(servers, generator);
        },
      );
    } finally {
      await stop(generator);
    }
  },
};

async function startServer(name: string): Promise<SocketServer> {
  const child = start(new URL("./server-child.ts", import.meta.url), [name]);
  const port = await told<number>(child);
  return { name, child, port, pid: child.pid, close: () => stop(child) };
}

async function* compareIdle(
  servers: readonly SocketServer[],
  generator: ChildProcess,
): AsyncGenerator<Cell> {
  const measured = { heap: [] as Figure[], resident: [] as Figure[] };
  for (const { name, child, port } of servers) {
    const before = {
      heap: await ask<number>(child, "heap"),
      resident: await ask<number>(child, "resident"),
    };
    const open = await ask<number>(generator, { port, idle: IDLE });
    for (const kind of ["heap", "resident"] as const) {
      const size = ((await ask<number>(child, kind)) - before[kind]) / open;
      measured[kind].push({ name, ...spread([size]) });
    }
    await ask(generator, { port, idle: 0 });
  }
  for (const [kind, figures] of Object.entries(measured)) {
    yield { title: `one of ${IDLE} idle connections, ${kind}`, unit: "B", better: "less", figures };
  }
}
