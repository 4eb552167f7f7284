// A part that needs no server, in a process of its own.

import { fork } from "node:child_process";
import { once } from "node:events";
import type { Outcome } from "./part.ts";
import { killAtExit } from "./server.ts";

/** @param size What the function is given. */
export async function isolated(module: string, name: string, size: number): Promise<Outcome> {
  const child = fork(new URL("./servers/isolated.ts", import.meta.url), [module, name, `${size}`], {
    execArgv: ["--conditions=dram-source", "--expose-gc"],
  });
  const leave = killAtExit(child);
  try {
    const ended = once(child, "exit").then(([code, signal]): never => {
      throw new Error(`the process has ended with ${code ?? signal}`);
    });
    const [outcome]: Outcome[] = await Promise.race([once(child, "message"), ended]);
    if (outcome === undefined) {
      throw new Error("the process has told nothing");
    }
    return outcome;
  } finally {
    leave();
  }
}
