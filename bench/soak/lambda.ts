// dram/lambda in a process of its own, without the runtime client.

import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { DramError, type ErrorStream, text } from "dram";
import { toLambda } from "dram/lambda";
import { application, stateOf } from "./application.ts";
import { atOnce, CONNECTIONS } from "./client.ts";
import { interleave } from "./interleaved.ts";
import { count, judge, mib, type Outcome, wait } from "./part.ts";
import { newSeed, pick, randomOf } from "./random.ts";
import { contextOf, RuntimeStream, streamHandler } from "./runtime.ts";

type Json = Record<string, unknown>;

/** Nobody reads the log of a soak. */
const errors: ErrorStream = { write() {}, writelines() {}, flush() {} };

const FIXTURES = [
  "live-redacted/functionurl-request",
  "live-redacted/apigwv2-request",
  "live-redacted/apigwv1-request",
  "live-redacted/alb-request",
  "powertools-lambda-typescript/vpc-lattice/base",
  "powertools-lambda-typescript/vpc-lattice-v2/base",
];

/** G2: the stream of the response breaks in mid-download. */
export async function aborts(downloads: number): Promise<Outcome> {
  const handle = streamHandler(application, { errors });
  const event = fixture("live-redacted/functionurl-request");
  const begun = performance.now();
  let left = downloads;
  await atOnce(CONNECTIONS, async () => {
    while (left-- > 0) {
      const stream = new RuntimeStream();
      stream.on("error", () => {});
      stream.onBytes = () => stream.destroy(new Error("the client has left"));
      await handle({ ...event, rawPath: "/abort" }, stream, contextOf("aborted")).catch(() => {
        // For the runtime to report.
      });
    }
  });
  const { started, closed } = await stateOf();
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  return judge(
    started === downloads && closed === downloads,
    `${count(started)} bodies begun, ${count(closed)} closed, ${seconds} s`,
  );
}

/** G9: one event in ten has lost its shape. */
export async function events(number: number): Promise<Outcome> {
  const seed = newSeed();
  const random = randomOf(seed);
  const sources = FIXTURES.map((name) => JSON.stringify(fixture(name)));
  const handle = toLambda(
    (_environ, startResponse) => {
      startResponse("200 OK", [["Content-Type", "text/plain; charset=utf-8"]]);
      return text("Hello, world\n");
    },
    { errors },
  );
  const bare = async (_event: unknown): Promise<unknown> => ({
    statusCode: 200,
    headers: { "content-type": "text/plain; charset=utf-8" },
    body: "Hello, world\n",
    isBase64Encoded: false,
  });
  const uncaught: unknown[] = [];
  process.on("unhandledRejection", (reason) => uncaught.push(reason));
  process.on("uncaughtException", (error) => uncaught.push(error));
  const took = { bare: [] as number[], dram: [] as number[] };
  let refused = 0;
  let before = 0;
  const warm = number / 10;
  for (let index = 0; index < number; index++) {
    if (index === Math.floor(warm)) {
      before = (await stateOf()).heap;
    }
    const event: unknown = JSON.parse(pick(sources, random));
    if (random() < 0.1) {
      try {
        await handle(deformed(event, random), contextOf("deformed"));
      } catch (error) {
        refused++;
        if (!(error instanceof DramError && error.code === "ERR_EVENT")) {
          uncaught.push(error);
        }
      }
      continue;
    }
    const first = performance.now();
    await bare(event);
    const second = performance.now();
    await handle(event, contextOf("good"));
    if (index > warm) {
      took.bare[index % KEPT] = second - first;
      took.dram[index % KEPT] = performance.now() - second;
    }
  }
  await wait(20);
  const growth = (await stateOf()).heap - before;
  const overhead = (p99(took.dram) - p99(took.bare)) * 1000;
  const [example] = uncaught;
  return judge(
    uncaught.length === 0 && growth <= 4 * 2 ** 20 && overhead <= 200,
    `${uncaught.length} uncaught${example === undefined ? "" : ` (${String(example)})`}, ${count(refused)} of ${count(number)} refused by their shape, heap ${mib(growth)}, p99 ${overhead.toFixed(0)} µs over bare, seed ${seed}`,
  );
}

/** How many times are kept: the same memory from the beginning to the end. */
const KEPT = 16_384;

/** G10: what Lambda does where a process may have more than one invocation at a time. */
export function interleaved(rounds: number): Promise<Outcome> {
  const handle = toLambda(application, { errors });
  const event = fixture("live-redacted/functionurl-request");
  return interleave(rounds, async (id) => {
    const own = { rawPath: "/echo", rawQueryString: id, headers: { host: "a", "x-id": id } };
    const result = await handle<{ body: string; headers: Record<string, string> }>(
      { ...event, ...own },
      contextOf(id),
    );
    const { body, isBase64Encoded } = result as typeof result & { isBase64Encoded: boolean };
    const sent = isBase64Encoded ? Buffer.from(body, "base64").toString() : body;
    return sent === id + id && result.headers["x-id"] === id;
  });
}

/** One value somewhere in the event is another, or is not there. */
function deformed(event: unknown, random: () => number): unknown {
  let at = event;
  for (;;) {
    if (typeof at !== "object" || at === null) {
      return at;
    }
    const object = at as Json;
    const keys = Object.keys(object);
    if (keys.length === 0) {
      return event;
    }
    const key = pick(keys, random);
    const inner = object[key];
    if (typeof inner === "object" && inner !== null && random() < 0.6) {
      at = inner;
      if (Object.keys(inner).length > 0) {
        continue;
      }
    }
    if (random() < 0.2) {
      delete object[key];
    } else {
      object[key] = structuredClone(pick(WRONG, random));
    }
    return event;
  }
}

const WRONG: readonly unknown[] = [
  null,
  true,
  0,
  -1.5,
  "",
  "\r\nx: y",
  "%zz\0",
  "\ud800",
  "é€",
  [],
  [null],
  ["a", 1],
  {},
  { a: { b: null } },
  JSON.parse('{"__proto__": {"polluted": true}}'),
  "a".repeat(10_000),
];

function p99(times: readonly number[]): number {
  const sorted = times.filter((time) => time !== undefined).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)] ?? 0;
}

function fixture(name: string): Json {
  const url = new URL(`../../tests/fixtures/events/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8"));
}
