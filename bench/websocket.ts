import { once } from "node:events";
import { ask, start } from "./process.ts";
import { report } from "./report.ts";

const ROUNDS = 9;
const ROUND_MS = 1000;
/** Connections without a message, against each candidate in turn. */
const IDLE = 10_000;
const NAMES = ["bare", "dram", "dram asgi"] as const;

const servers = await Promise.all(
  NAMES.map(async (name) => {
    const child = start("./websocket-server.ts", 0, name);
    const [port]: number[] = await once(child, "message");
    return { name, child, port: port ?? 0 };
  }),
);
const generator = start("./websocket-load.ts", 1);
try {
  await compareEchoes();
  await compareIdle();
} finally {
  for (const child of [generator, ...servers.map(({ child }) => child)]) {
    child.kill("SIGKILL");
  }
}

async function compareEchoes(): Promise<void> {
  const rates = new Map<string, number[]>(NAMES.map((name) => [name, []]));
  const costs = new Map<string, number[]>(NAMES.map((name) => [name, []]));
  for (let round = -1; round < ROUNDS; round++) {
    for (const { name, child, port } of servers) {
      const before = await ask(child, "cpu");
      const rate = await ask(generator, { port, milliseconds: ROUND_MS });
      const cost = (await ask(child, "cpu")) - before;
      // The first round warms up.
      if (round >= 0) {
        rates.get(name)?.push(rate);
        costs.get(name)?.push((cost * 1_000_000) / (rate * ROUND_MS));
      }
    }
  }
  report(
    "websocket, echo of 64 characters, messages per second",
    rates,
    "/s",
    (rate, reference) => rate / reference,
  );
  report("websocket, CPU time of the server", costs, "ns", (cost, reference) => reference / cost);
}

async function compareIdle(): Promise<void> {
  const measured = { heap: new Map<string, number[]>(), resident: new Map<string, number[]>() };
  for (const { name, child, port } of servers) {
    const before = { heap: await ask(child, "heap"), resident: await ask(child, "resident") };
    const open = await ask(generator, { port, idle: IDLE });
    for (const kind of ["heap", "resident"] as const) {
      measured[kind].set(name, [((await ask(child, kind)) - before[kind]) / open]);
    }
    await ask(generator, { port, idle: 0 });
  }
  for (const [kind, sizes] of Object.entries(measured)) {
    report(
      `websocket, one of ${IDLE} idle connections, ${kind}`,
      sizes,
      "B",
      (size, reference) => reference / size,
    );
  }
}
