import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";
import { bundle } from "../scripts/bundle.ts";
import { ask, start } from "./process.ts";
import { report } from "./report.ts";

const ROUNDS = 9;
const ROUND_MS = 1000;

const generator = start("./websocket-load.ts", 1);
try {
  await onWorkerd();
  await onDeno();
} finally {
  generator.kill("SIGKILL");
}

async function onWorkerd(): Promise<void> {
  const names = ["bare", "dram", "bare object", "dram object"];
  const script = await bundle(new URL("./edge-worker.mjs", import.meta.url), { minify: true });
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
  await miniflare.ready;
  const ports = await Promise.all(
    names.map(async (name) => {
      const { port } = await miniflare.unsafeGetDirectURL(name.replace(" ", "-"));
      return [name, Number(port)] as const;
    }),
  );
  const workerd = childCalled("workerd");
  const candidates = ports.map(([name, port]) => ({ name, port, pid: workerd }));
  await compare("workerd", candidates.slice(0, 2));
  await compare("a Durable Object", candidates.slice(2));
  await miniflare.dispose();
}

async function onDeno(): Promise<void> {
  const servers = await Promise.all(["bare", "dram"].map(startDeno));
  await compare(
    "Deno",
    servers.map(({ name, port, child }) => ({ name, port, pid: child.pid ?? 0 })),
  );
  for (const { child } of servers) {
    child.kill("SIGKILL");
  }
}

async function startDeno(
  name: string,
): Promise<{ name: string; port: number; child: ChildProcess }> {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const child = spawn(
    `${root}node_modules/deno/deno`,
    ["run", "--allow-net", `${root}bench/edge-deno.mjs`, name],
    {
      cwd: root,
      env: { PATH: process.env.PATH, DENO_NO_UPDATE_CHECK: "1", DENO_NO_PROMPT: "1" },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const [port] = await once(createInterface({ input: child.stdout }), "line");
  return { name, port: Number(port), child };
}

interface Candidate {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
}

async function compare(title: string, candidates: readonly Candidate[]): Promise<void> {
  const rates = new Map<string, number[]>(candidates.map(({ name }) => [name, []]));
  const costs = new Map<string, number[]>(candidates.map(({ name }) => [name, []]));
  for (let round = -1; round < ROUNDS; round++) {
    for (const { name, port, pid } of candidates) {
      const before = cpuOf(pid);
      const rate = await ask(generator, { port, milliseconds: ROUND_MS });
      const cost = cpuOf(pid) - before;
      // The first round warms up.
      if (round >= 0) {
        rates.get(name)?.push(rate);
        costs.get(name)?.push((cost * 1_000_000) / ((rate * ROUND_MS) / 1000));
      }
    }
  }
  report(
    `websocket on ${title}, echo of 64 characters, messages per second`,
    rates,
    "/s",
    (rate, reference) => rate / reference,
  );
  report(
    `websocket on ${title}, CPU time of the server`,
    costs,
    "ns",
    (cost, reference) => reference / cost,
  );
}

/** Milliseconds that a process has computed, by Linux's clock of 100 Hz. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function childCalled(name: string): number {
  const pids = readdirSync("/proc/self/task").flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, "utf8").split(" ").filter(Boolean),
  );
  const found = pids.find((pid) => readFileSync(`/proc/${pid}/comm`, "utf8").trim() === name);
  return Number(found);
}
