import { expect, test } from "vitest";
import { memoize } from "../../core/cache.ts";

test("computes once for each key", () => {
  const asked: string[] = [];
  const upper = memoize((key) => {
    asked.push(key);
    return key.toUpperCase();
  }, 10);
  expect([upper("a"), upper("b"), upper("a")]).toEqual(["A", "B", "A"]);
  expect(asked).toEqual(["a", "b"]);
});

test("forgets everything when it is full, and goes on", () => {
  let computed = 0;
  const length = memoize((key) => {
    computed++;
    return key.length;
  }, 2);
  for (const key of ["a", "bb", "ccc", "a"]) {
    expect(length(key)).toBe(key.length);
  }
  expect(computed).toBe(4);
});

test("remembers no failure", () => {
  let fail = true;
  const value = memoize((key) => {
    if (fail) {
      throw new Error(key);
    }
    return key;
  }, 2);
  expect(() => value("a")).toThrow("a");
  fail = false;
  expect(value("a")).toBe("a");
});
