import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DIFFERENCES, differencesOf } from "./differences.ts";
import { requests } from "./requests.ts";
import { hono, honoOnWorkerd, ways, workerdWays } from "./ways.ts";

const seen = new Set<string>();

describe.each([
  ...ways.map((way) => [way, hono] as const),
  ...workerdWays.map((way) => [way, honoOnWorkerd] as const),
])("$name answers as Hono does", (way, reference) => {
  let bare: Awaited<ReturnType<typeof reference.boot>>;
  let bridged: Awaited<ReturnType<typeof way.boot>>;

  beforeAll(async () => {
    bare = await reference.boot();
    bridged = await way.boot();
  });

  afterAll(async () => {
    await bare?.close();
    await bridged?.close();
  });

  test.each(Object.entries(requests))("%s", async (name, request) => {
    const found = differencesOf(await bare.ask(request), await bridged.ask(request));
    const known = DIFFERENCES.filter(
      (difference) =>
        difference.ways.includes(way.name) && (difference.requests?.includes(name) ?? true),
    );
    const unknown = found.filter((line) => !known.some(({ what }) => what.test(line)));
    expect(unknown).toEqual([]);
    for (const { what } of known) {
      if (found.some((line) => what.test(line))) {
        seen.add(`${way.name}: ${what}`);
      }
    }
  });
});

test("every difference that is listed is there", () => {
  const listed = DIFFERENCES.flatMap(({ ways, what }) => ways.map((way) => `${way}: ${what}`));
  expect([...seen].toSorted()).toEqual([...new Set(listed)].toSorted());
});
