import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";

/** A process of its own, pinned to a core where the system can and has more than one. */
export function start(path: string, core: number, ...parameters: string[]): ChildProcess {
  const child = fork(new URL(path, import.meta.url), parameters, {
    execArgv: ["--conditions=dram-source", "--expose-gc"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  if (availableParallelism() > 1) {
    try {
      execFileSync("taskset", ["-acp", String(core), String(child.pid)], { stdio: "ignore" });
    } catch {
      // Not on this system.
    }
  }
  return child;
}

/** Sends a question to a process of `start`, and gives the number that it answers with. */
export async function ask(child: ChildProcess, question: unknown): Promise<number> {
  child.send(question as string);
  const [answer]: number[] = await once(child, "message");
  return answer ?? Number.NaN;
}
