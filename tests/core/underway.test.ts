import { UnderWay } from "dram";
import { expect, test } from "vitest";

function three(): [
  UnderWay<{ name: string; place: number }>,
  ...{ name: string; place: number }[],
] {
  const underWay = new UnderWay<{ name: string; place: number }>();
  const items = ["a", "b", "c"].map((name) => ({ name, place: -1 }));
  for (const item of items) {
    underWay.add(item);
  }
  return [underWay, ...items];
}

test("gives all that is under way, and how much it is", () => {
  const [underWay, ...items] = three();
  expect(underWay.items()).toEqual(items);
  expect(underWay.size).toBe(3);
});

test.each([0, 1, 2])("takes out number %i of three, and leaves the others", (index) => {
  const [underWay, ...items] = three();
  const [gone] = items.splice(index, 1);
  expect(gone && underWay.delete(gone)).toBe(true);
  expect(new Set(underWay.items())).toEqual(new Set(items));
  expect(items.map((item) => underWay.delete(item))).toEqual([true, true]);
  expect(underWay.size).toBe(0);
});

test("takes out nothing twice, nor what never came", () => {
  const [underWay, first] = three();
  expect(first && [underWay.delete(first), underWay.delete(first)]).toEqual([true, false]);
  expect(underWay.delete({ name: "b", place: 1 })).toBe(false);
  expect(underWay.size).toBe(2);
});

test("may change while what it gave is gone through", () => {
  const [underWay] = three();
  for (const item of underWay.items()) {
    underWay.delete(item);
  }
  expect(underWay.size).toBe(0);
});
