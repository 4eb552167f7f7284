import type { Unit } from "../run/results.ts";

/** A figure with its unit, to three digits, so that a reader can compare. */
export function withUnit(value: number, unit: Unit): string {
  switch (unit) {
    case "ns":
      return value < 100_000 ? `${digits(value / 1000)} µs` : `${digits(value / 1_000_000)} ms`;
    case "/s":
      return `${Math.round(value).toLocaleString("en")}/s`;
    case "B":
      return value >= 10_000_000
        ? `${digits(value / 1_000_000)} MB`
        : `${Math.round(value).toLocaleString("en")} B`;
    default:
      return `${digits(value)} ${unit}`;
  }
}

export function digits(value: number): string {
  const decimals = Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0;
  return value.toFixed(decimals);
}

export function ratioText(value: number | undefined): string {
  if (value === undefined) {
    return "";
  }
  return value >= 0.1 || value === 0 ? value.toFixed(2) : value.toPrecision(2);
}
