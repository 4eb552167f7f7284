import { type ChildProcess, execFileSync, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** The cores that this process may use, as Linux lists them (`0-3,6`); a container may not have the first. */
const CORES: string = coresAllowed();
const [FIRST, SECOND] = CORES.split(",").flatMap(coresOf);
/** Where there are two cores and a tool for it, what is measured has one and its load the other. */
const PINS: boolean = SECOND !== undefined && existsSync("/usr/bin/taskset");

/** Puts this process, and all that it starts from now on, on the core of servers, or back on all. */
export function takeCore(which: "first" | "all"): void {
  if (PINS) {
    const cores = which === "first" ? String(FIRST) : CORES;
    execFileSync("taskset", ["-acp", cores, String(process.pid)], { stdio: "ignore" });
  }
}

/** Starts a program on the other core. */
export function spawnLoad(program: string, parameters: readonly string[]): ChildProcess {
  const [command = program, ...rest] = PINS
    ? ["taskset", "-c", String(SECOND), program, ...parameters]
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
    execFileSync("taskset", ["-acp", String(SECOND), String(child.pid)], { stdio: "ignore" });
  }
  return child;
}

/** Sends a question to a process of `start`, and gives its answer. */
export async function ask<Answer>(child: ChildProcess, question: object | string): Promise<Answer> {
  const answer = told<Answer>(child);
  // Not an event of the child, which nobody would hear: who has ended is told by `told`.
  child.send(question, () => {});
  return answer;
}

/** What a process of `start` says next. */
export function told<Answer>(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      onExit(child.exitCode, child.signalCode);
      return;
    }
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

/** Ends whatever this process has started, and what that has, at once: nothing is to outlive a bench. */
export function endFamily(): void {
  for (const pid of family(process.pid).slice(1)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has just ended by itself.
    }
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

function coresAllowed(): string {
  try {
    return /Cpus_allowed_list:\s*(\S+)/.exec(read("/proc/self/status"))?.[1] ?? "";
  } catch {
    // Not Linux.
    return "";
  }
}

/** Of `0-3`, or of `6`. */
function coresOf(range: string): number[] {
  const [from = 0, to = from] = range.split("-").map(Number);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function read(path: string): string {
  return readFileSync(path, "utf8").trim();
}
