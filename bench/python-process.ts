// `npm run bench:python-process`: Flask in a worker process behind dram/node, and under gunicorn with one
// synchronous worker. Each has one core; the requests are ab's, on a connection of their own each.
//
// On a machine that does other things, two processes get more of a core than one. The processor time of
// a request is what can be compared then.

import { execFile, execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { bootGunicorn, PYTHON } from "../tests/targets/gunicorn.ts";
import { bootNode } from "../tests/targets/node.ts";
import { site } from "../tests/targets/pythonsite.ts";
import { report } from "./report.ts";

const ROUNDS = Number(process.env.ROUNDS ?? 7);
const REQUESTS = process.env.REQUESTS ?? "2000";
const SERVER_CORE = "0";
const CLIENT_CORE = "1";

interface Candidate {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  close(): Promise<void>;
}

/** The first is what the others are compared with. */
const candidates: Record<string, () => Promise<Omit<Candidate, "name">>> = {
  gunicorn: async () => {
    const { port, pid, close } = await bootGunicorn({
      app: "flaskhello:app",
      site: [import.meta.dirname, site("flask")],
    });
    return { port, pid, close };
  },
  "dram/node": async () => {
    Object.assign(process.env, { PYTHON, FLASK: site("flask") });
    const module = new URL("./python-process-application.ts", import.meta.url).href;
    const { port, process: child, close } = await bootNode({ module });
    return { port, pid: child.pid ?? 0, close };
  },
};

const servers: Candidate[] = [];
try {
  for (const [name, boot] of Object.entries(candidates)) {
    const begun = performance.now();
    const server = { name, ...(await boot()) };
    servers.push(server);
    await (await fetch(`http://127.0.0.1:${server.port}/`)).text();
    console.log(`${name}: first response after ${Math.round(performance.now() - begun)} ms`);
    for (const pid of family(server.pid)) {
      execFileSync("taskset", ["-acp", SERVER_CORE, String(pid)], { stdio: "ignore" });
    }
  }
  await compare([]);
  await compare(["-k"]);
  for (const { name, pid } of servers) {
    console.log(`${name}: ${family(pid).map(memory).join(" + ")} MB`);
  }
} finally {
  for (const { close } of servers) {
    await close();
  }
}

async function compare(flags: readonly string[]): Promise<void> {
  const rates = new Map<string, number[]>(servers.map(({ name }) => [name, []]));
  const times = new Map<string, number[]>(servers.map(({ name }) => [name, []]));
  for (let round = -1; round < ROUNDS; round++) {
    for (const { name, port, pid } of servers) {
      const before = processorTime(pid);
      const rate = await rateOf(port, flags);
      // The first round warms up.
      if (round >= 0) {
        rates.get(name)?.push(rate);
        times.get(name)?.push(((processorTime(pid) - before) * 1000) / Number(REQUESTS));
      }
    }
  }
  const kept = flags.length > 0 ? ", connections kept" : "";
  report(`Flask, requests per second${kept}`, rates, "/s", (rate, reference) => rate / reference);
  report(
    `the same, processor time of one${kept}`,
    times,
    "us",
    (time, reference) => reference / time,
  );
}

/** Milliseconds that a process and its children have had. */
function processorTime(pid: number): number {
  const ticks = family(pid).map((member) => {
    const stat = readFileSync(`/proc/${member}/stat`, "utf8");
    const [user, system] = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .slice(11, 13);
    return Number(user) + Number(system);
  });
  return ticks.reduce((total, part) => total + part, 0) * 10;
}

async function rateOf(port: number, flags: readonly string[]): Promise<number> {
  const { stdout } = await promisify(execFile)("taskset", [
    ...["-c", CLIENT_CORE, "ab", "-q", "-c", "4", "-n", REQUESTS, ...flags],
    `http://127.0.0.1:${port}/`,
  ]);
  if (!/Failed requests: +0\n/.test(stdout) || /Non-2xx/.test(stdout)) {
    throw new Error(stdout);
  }
  return Number(/Requests per second: +([\d.]+)/.exec(stdout)?.[1]);
}

/** A process and its children. */
function family(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return [pid, ...(children === "" ? [] : children.split(" ").map(Number))];
}

/** Resident, of one process. */
function memory(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024);
}
