// What the soaks have in common: servers in processes of their own, which tell of themselves.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

export const MIB: number = 1024 ** 2;

/** What a server tells of itself. */
export interface SoakState {
  readonly started: number;
  readonly closed: number;
  /** Bytes, after a garbage collection: of the process, and of JavaScript's heap. */
  readonly rss: number;
  readonly heap: number;
}

export interface Server {
  readonly name: string;
  readonly child: ChildProcess;
  readonly port: number;
}

export async function start(name: string): Promise<Server> {
  const child = fork(new URL("./soak-server.ts", import.meta.url), [name], {
    execArgv: ["--conditions=dram-source", "--expose-gc"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const [port]: number[] = await once(child, "message");
  return { name, child, port: port ?? 0 };
}

export async function ask({ child }: Server): Promise<SoakState> {
  child.send("state");
  const [state]: SoakState[] = await once(child, "message");
  if (state === undefined) {
    throw new Error("the server has told nothing");
  }
  return state;
}

/** The highest memory of a server until something has ended. */
export async function watch(server: Server, end: Promise<unknown>): Promise<number> {
  let ended = false;
  const over = end.then(() => {
    ended = true;
  });
  let peak = 0;
  while (!ended) {
    peak = Math.max(peak, (await ask(server)).rss);
    await Promise.race([over, new Promise((resolve) => setTimeout(resolve, 250))]);
  }
  return peak;
}

/** Exits with 1 in the end if a figure is missed. */
export function tell(passed: boolean, what: string): void {
  if (!passed) {
    process.exitCode = 1;
  }
  console.log(`${passed ? "pass" : "FAIL"} ${what}`);
}
