import { expect, test } from "vitest";
import { compare } from "../../bench/run/compare.ts";
import { type Cell, cpuRatio, ratio } from "../../bench/run/results.ts";
import { geometricMean, median } from "../../bench/run/statistics.ts";

test("the median of an odd number of rounds is the middle one", () => {
  expect(median([30, 10, 20])).toBe(20);
});

test("the median of an even number of rounds is between the middle ones", () => {
  expect(median([40, 10, 20, 30])).toBe(25);
});

test("the geometric mean of 2 and 8 is 4", () => {
  expect(geometricMean([2, 8])).toBeCloseTo(4, 12);
});

test("a time twice as long is a ratio of 0.5", () => {
  expect(ratio(cellOf("less", 10, 20), "dram")).toBe(0.5);
});

test("a rate twice as high is a ratio of 2", () => {
  expect(ratio(cellOf("more", 10, 20), "dram")).toBe(2);
});

test("a ratio can be to another one than the first", () => {
  expect(ratio(cellOf("less", 10, 20), "bare", "dram")).toBe(2);
});

test("less CPU time is better whatever the cell counts", () => {
  expect(cpuRatio(cellOf("more", 10, 20), "dram")).toBe(2);
});

test("rounds are interleaved, behind one that warms up", async () => {
  const order: string[] = [];
  const candidates = ["a", "b"].map((name) => ({
    name,
    async round() {
      order.push(name);
      return { value: order.length };
    },
  }));
  const { figures } = await compare({ title: "", unit: "ns", better: "less" }, candidates, 3);
  expect(order.join("")).toBe("abababab");
  expect(figures).toEqual([
    { name: "a", median: 5, min: 3, max: 7 },
    { name: "b", median: 6, min: 4, max: 8 },
  ]);
});

test("who answers otherwise than the first is wrong, and is not timed", async () => {
  const timed: string[] = [];
  const candidate = (name: string, said: string) => ({
    name,
    answer: async () => said,
    async round() {
      timed.push(name);
      return { value: 1 };
    },
  });
  const { figures } = await compare(
    { title: "", unit: "ns", better: "less" },
    [candidate("bare", "200 Hello"), candidate("dram", "200 Hello"), candidate("other", "502 ")],
    1,
  );
  expect(figures[2]).toEqual({ name: "other", wrong: "502 " });
  expect(new Set(timed)).toEqual(new Set(["bare", "dram"]));
});

test("who throws instead of an answer is wrong by what it has thrown", async () => {
  const round = async () => ({ value: 1 });
  const { figures } = await compare(
    { title: "", unit: "ns", better: "less" },
    [
      { name: "bare", answer: async () => "200 Hello", round },
      { name: "other", answer: () => Promise.reject(new Error("no such event")), round },
    ],
    1,
  );
  expect(figures[1]).toEqual({ name: "other", wrong: "Error: no such event" });
});

function cellOf(better: Cell["better"], bare: number, dram: number): Cell {
  const figure = (name: string, value: number, cpu: number) => ({
    ...{ name, median: value, min: value, max: value },
    cpu: { median: cpu, min: cpu, max: cpu },
  });
  const figures = [figure("bare", bare, 20), figure("dram", dram, 10)];
  return { title: "hello", unit: "ns", better, figures };
}
