// A process of its own for one candidate of run/inprocess.ts.

import type { Sample } from "./compare.ts";
import type { Answer, Driver, Question } from "./inprocess.ts";

/** Calls in one turn of the event loop. */
const BATCH = 128;
/** Calls between two looks at the clock. */
const LOOK = 8;

const [driver = "", candidate = ""] = process.argv.slice(2);
const { prepare }: Driver = await import(driver);
const exchanges = prepare(await import(candidate));

process.on("message", async (question: Question) => {
  const answer: Answer = await respond(question).then(
    (value) => ({ value }),
    (error) => ({ error: String(error) }),
  );
  process.send?.(answer);
});

async function respond({ exchange, ask, milliseconds }: Question): Promise<string> {
  const found = exchanges[exchange];
  if (found === undefined) {
    throw new Error(`no ${exchange}`);
  }
  switch (ask) {
    case "answer":
      return found.answer();
    case "round":
      return JSON.stringify(await time(() => found.call(), milliseconds));
    case "allocated":
      return String(await allocated(() => found.call()));
  }
}

/** Nanoseconds of one call. */
async function time(call: () => unknown, milliseconds: number): Promise<Sample> {
  let count = 0;
  let now: number;
  const before = process.cpuUsage();
  const begin = performance.now();
  do {
    for (let index = 0; index < LOOK; index++) {
      await call();
    }
    count += LOOK;
    if (count % BATCH === 0) {
      // What is left for the next turn would pile up otherwise.
      await new Promise(setImmediate);
    }
    now = performance.now();
  } while (now - begin < milliseconds);
  const { user, system } = process.cpuUsage(before);
  return { value: ((now - begin) * 1e6) / count, cpu: ((user + system) * 1e3) / count };
}

/** Bytes of one call, by as many as fit before the heap is full. */
async function allocated(call: () => unknown): Promise<number> {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  for (let index = 0; index < BATCH; index++) {
    await call();
  }
  return (process.memoryUsage().heapUsed - before) / BATCH;
}
