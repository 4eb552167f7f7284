import { type ChildProcess, execFileSync, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** Where there are two cores and a tool for it, what is measured has one and its load the other. */
const PINS: boolean = availableParallelism() > 1 && existsSync("/usr/bin/taskset");

/** Puts this process, and all that it starts from now on, on the core of servers, or back on all. */
export function takeCore(which: "first" | "all"): void {
  if (PINS) {
    const cores = which === "first" ? "0" : `0-${availableParallelism() - 1}`;
    execFileSync("taskset", ["-acp", cores, String(process.pid)], { stdio: "ignore" });
  }
}

/** Starts a program on the other core. */
export function spawnLoad(program: string, parameters: readonly string[]): ChildProcess {
  const [command = program, ...rest] = PINS
    ? ["taskset", "-c", "1", program, ...parameters]
    : [program, ...parameters];
  return spawn(command, rest, { stdio: ["ignore", "pipe", "inherit"] });
}

/** A module as a process of its own, with a channel to it. */
export function start(
  module: URL,
  parameters: readonly string[] = [],
  { flags = [], load = false }: { flags?: readonly string[]; load?: boolean } = {},
): ChildProcess {
  const child = fork(module, parameters, {
    execArgv: ["--conditions=dram-source", "--expose-gc", "--no-warnings", ...flags],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  if (load && PINS) {
    execFileSync("taskset", ["-acp", "1", String(child.pid)], { stdio: "ignore" });
  }
  return child;
}

/** Sends a question to a process of `start`, and gives its answer. */
export async function ask<Answer>(child: ChildProcess, question: object | string): Promise<Answer> {
  child.send(question);
  return told<Answer>(child);
}

/** What a process of `start` says next. */
export function told<Answer>(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    function onMessage(answer: unknown): void {
      child.off("exit", onExit);
      resolve(answer as Answer);
    }
    function onExit(code: number | null, signal: string | null): void {
      child.off("message", onMessage);
      reject(new Error(`${child.spawnargs.slice(-2).join(" ")} has ended: ${code ?? signal}`));
    }
    child.once("message", onMessage).once("exit", onExit);
  });
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
}

/** Nanoseconds that a process and its children have computed; undefined where Linux does not tell. */
export function cpuOf(pid: number | undefined): number | undefined {
  try {
    return family(pid ?? 0)
      .flatMap((member) =>
        readdirSync(`/proc/${member}/task`).map((task) => `${member}/task/${task}`),
      )
      .reduce((sum, task) => sum + Number(read(`/proc/${task}/schedstat`).split(" ")[0]), 0);
  } catch {
    return undefined;
  }
}

/** Resident bytes of a process. */
export function memoryOf(pid: number | undefined): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`))?.[1]) * 1024;
}

/** Of its program. */
export function nameOf(pid: number): string {
  return read(`/proc/${pid}/comm`);
}

/** A process, its children and theirs. */
export function family(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => read(`/proc/${pid}/task/${task}/children`).split(" "))
    .filter(Boolean);
  return [pid, ...children.flatMap((child) => family(Number(child)))];
}

function read(path: string): string {
  return readFileSync(path, "utf8").trim();
}
