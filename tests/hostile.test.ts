import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { faultsOf } from "./hostile/check.ts";
import { corpus, type Hostile } from "./hostile/corpus.ts";
import { MANNERS } from "./hostile/deliver.ts";
import { observe, seenOf } from "./hostile/observe.ts";
import { hostileTargets, type Running } from "./hostile/targets.ts";
import { testOn } from "./known-failures.ts";

test("every case runs on a target", () => {
  const run = new Set(hostileTargets.flatMap(({ platforms }) => platforms));
  expect(corpus.filter(({ platform }) => !run.has(platform))).toEqual([]);
});

test("no two cases have one id", () => {
  const ids = corpus.map(({ id }) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

describe.each(hostileTargets)("$name", (target) => {
  let running: Running;

  beforeAll(async () => {
    running = await target.boot();
  });

  afterAll(() => running?.close());

  const cases = corpus.filter((one) => runsOn(one, target.name, target.platforms));
  for (const one of cases) {
    testOn(target.name)(`${one.threat} ${one.id}`, async () => {
      const { config, remote } = one.input;
      if (config === undefined) {
        await expectOf(running, one);
        return;
      }
      const own = await target.boot({ ...config, ...(remote === undefined ? {} : { remote }) });
      try {
        await expectOf(own, one);
      } finally {
        await own.close();
      }
    });
  }
});

/** A raw case is delivered in every manner, with the same result. */
async function expectOf(running: Running, one: Hostile): Promise<void> {
  const { raw, hex } = one.input;
  const manners = raw === undefined && hex === undefined ? MANNERS.slice(0, 1) : MANNERS;
  const seen: unknown[] = [];
  for (const manner of manners) {
    const observed = await observe(running, one, manner);
    expect(faultsOf(one.expected, observed), `${manner}, seed ${one.id}`).toEqual([]);
    seen.push(seenOf(observed));
    expect(seen.at(-1), `${manner}, seed ${one.id}, against ${manners[0]}`).toEqual(seen[0]);
  }
}

function runsOn(
  { platform, expected }: Hostile,
  name: string,
  platforms: readonly string[],
): boolean {
  const { platforms: only } = expected;
  return platforms.includes(platform) && (!Array.isArray(only) || only.includes(name));
}
