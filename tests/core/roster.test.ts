import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Roster } from "dram";
import { expect, test } from "vitest";

test("a roster has its members in the order in which they came", () => {
  const roster = new Roster<string>();
  roster.add("a");
  roster.add("b");
  roster.add("c");
  expect([...roster]).toEqual(["a", "b", "c"]);
});

test.each([
  { taken: [0], left: ["b", "c"] },
  { taken: [1], left: ["a", "c"] },
  { taken: [2], left: ["a", "b"] },
  { taken: [1, 0], left: ["c"] },
  { taken: [1, 2], left: ["a"] },
  { taken: [2, 0, 1], left: [] },
])("$taken taken off leave $left", ({ taken, left }) => {
  const roster = new Roster<string>();
  const entries = ["a", "b", "c"].map((member) => roster.add(member));
  for (const index of taken) {
    const entry = entries[index];
    if (entry !== undefined) {
      roster.remove(entry);
    }
  }
  expect([...roster]).toEqual(left);
  roster.add("d");
  expect([...roster]).toEqual([...left, "d"]);
});

test("a roster is empty before its first member and behind its last", () => {
  const roster = new Roster<string>();
  expect(roster.isEmpty).toBe(true);
  const entry = roster.add("a");
  expect(roster.isEmpty).toBe(false);
  roster.remove(entry);
  expect(roster.isEmpty).toBe(true);
});

test("a member that is taken off while the others are gone through is still met", () => {
  const roster = new Roster<string>();
  roster.add("a");
  const entry = roster.add("b");
  const met: string[] = [];
  for (const member of roster) {
    met.push(member);
    if (member === "a") {
      roster.remove(entry);
    }
  }
  expect(met).toEqual(["a", "b"]);
});

test("what is taken off does not wait for a collection of the whole heap", () => {
  setFlagsFromString("--expose-gc");
  const gc: (options?: { type: "minor" }) => void = runInNewContext("gc");
  const roster = new Roster<number[]>();
  const add = () => roster.add(new Array(1000).fill(0.5));
  const open = Array.from({ length: 64 }, add);
  // Makes old what is there.
  gc();
  const before = process.memoryUsage().heapUsed;
  for (let turn = 0; turn < 20; turn++) {
    for (let change = 0; change < 640; change++) {
      for (const entry of open.splice(0, 1)) {
        roster.remove(entry);
      }
      open.push(add());
    }
    gc({ type: "minor" });
  }
  // Of the 100 MB that have come and gone a Set keeps most.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(8_000_000);
});
