// What the soaks have come to, kept in bench/soak.json.

import { readFileSync, writeFileSync } from "node:fs";
import { cpus, release, type } from "node:os";
import { versionOf } from "../run/facts.ts";
import type { Outcome, Part } from "./part.ts";

export interface SoakResults {
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly parts: readonly SoakResult[];
}

export interface SoakResult extends Outcome, Pick<Part, "goal" | "platform" | "aim" | "reason"> {
  /** `2026-11-24`. */
  readonly date: string;
  readonly seconds: number;
}

const FILE = new URL("../soak.json", import.meta.url);

/** Puts results in the place of earlier ones of the same parts, and leaves those of others. */
export function save(made: readonly SoakResult[], order: readonly Part[]): void {
  const all = [...made, ...savedSoaks().parts];
  const results: SoakResult[] = order.flatMap((part) =>
    all.filter((result) => isOf(result, part)).slice(0, 1),
  );
  const saved: SoakResults = { machine: machine(), versions: versions(), parts: results };
  writeFileSync(FILE, `${JSON.stringify(saved, null, 2)}\n`);
}

/** The results that are kept; without parts, if there are none. */
export function savedSoaks(): SoakResults {
  try {
    return JSON.parse(readFileSync(FILE, "utf8"));
  } catch {
    return { machine: "", versions: {}, parts: [] };
  }
}

function isOf(result: SoakResult, { goal, platform, aim }: Part): boolean {
  return result.goal === goal && result.platform === platform && result.aim === aim;
}

function machine(): string {
  const processors = cpus();
  return `${processors[0]?.model ?? "unknown"}, ${processors.length} cores, ${type()} ${release()}`;
}

function versions(): Record<string, string> {
  const packages = ["deno", "workerd", "aws-lambda-ric", "pyodide"];
  return {
    node: process.versions.node,
    ...Object.fromEntries(packages.map((name) => [name, versionOf(name)])),
  };
}
