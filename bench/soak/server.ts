// The servers that are soaked, each in a process of its own that ends with its part.

import type { ChildProcess } from "node:child_process";
import type { FastcgiOptions } from "dram/fastcgi";
import { bootDeno, bootDenoServe } from "../../tests/targets/deno.ts";
import { bootFastcgi } from "../../tests/targets/fastcgi.ts";
import { bootNode } from "../../tests/targets/node.ts";
import { fastcgi, http, type Protocol } from "./protocol.ts";
import { startWorkerd } from "./workerd.ts";

export interface SoakServer {
  readonly platform: Platform;
  readonly protocol: Protocol;
  readonly port: number;
  readonly pid: number;
  /** Lines of its log. */
  readonly log: readonly string[];
}

export type Platform = Dram | "bare node" | "bare deno" | "bare workerd";

export type Dram = "node" | "deno" | "workerd" | "fastcgi";

/** What is served by hand on the same platform. */
export const BARE: Readonly<Record<Dram, Platform>> = {
  node: "bare node",
  deno: "bare deno",
  workerd: "bare workerd",
  // Which stands behind the same web servers.
  fastcgi: "bare node",
};

/** What is served: a module that exports `application`, and one that is a Worker. */
export interface Served {
  readonly module: URL;
  readonly worker: URL;
}

const SOAKED: Served = {
  module: new URL("./application.ts", import.meta.url),
  worker: new URL("./servers/worker.ts", import.meta.url),
};

/** Starts a server, uses it, and ends it, whatever becomes of it. */
export async function serving<Result>(
  platform: Platform,
  use: (server: SoakServer) => Promise<Result>,
  served: Served = SOAKED,
): Promise<Result> {
  const { process: child, port, log } = await START[platform](served);
  const leave = killAtExit(child);
  try {
    const { pid = 0 } = child;
    const protocol = platform === "fastcgi" ? fastcgi : http;
    return await use({ platform, protocol, port, pid, log });
  } finally {
    leave();
  }
}

/** @returns Kills it now. */
export function killAtExit(child: Pick<ChildProcess, "kill">): () => void {
  const kill = (): void => {
    process.off("exit", kill);
    child.kill("SIGKILL");
  };
  process.on("exit", kill);
  return kill;
}

interface Started {
  readonly process: ChildProcess;
  readonly port: number;
  readonly log: readonly string[];
}

const BARE_WORKER = new URL("./servers/bare-worker.ts", import.meta.url);

const START: Readonly<Record<Platform, (served: Served) => Promise<Started>>> = {
  "bare node": () => node(new URL("./servers/bare.ts", import.meta.url)),
  "bare deno": () => bootDenoServe(BARE_WORKER),
  "bare workerd": () => startWorkerd(BARE_WORKER),
  node: ({ module }) => node(module),
  deno: ({ module }) => bootDeno({ module: module.href, flags: ["--v8-flags=--expose-gc"] }),
  workerd: ({ worker }) => startWorkerd(worker),
  async fastcgi({ module }) {
    const target = await startFastcgi(module, { port: 0 });
    return { ...target, port: "port" in target.place ? target.place.port : 0 };
  },
};

function node(module: URL): Promise<Started> {
  return bootNode({ module: module.href, flags: ["--expose-gc"] });
}

type FastcgiTarget = Awaited<ReturnType<typeof bootFastcgi>>;

function startFastcgi(module: URL, options: FastcgiOptions): Promise<FastcgiTarget> {
  return bootFastcgi(module, options, { env: { NODE_OPTIONS: "--expose-gc" } });
}
