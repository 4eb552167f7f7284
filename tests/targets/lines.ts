import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** The lines that come, as they come. */
export function linesOf(stream: Readable | null): string[] {
  const lines: string[] = [];
  if (stream !== null) {
    createInterface({ input: stream }).on("line", (line) => lines.push(line));
  }
  return lines;
}
