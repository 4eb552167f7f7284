import type { ErrorStream } from "dram";

/** A log that is kept, line by line, and where a gateway of this process writes it. */
export function makeLog(): { errors: ErrorStream; log: string[] } {
  const log: string[] = [];
  const errors: ErrorStream = {
    write: (line) => log.push(line.trimEnd()),
    writelines() {},
    flush() {},
  };
  return { errors, log };
}

/** The lines of several logs, new ones always behind those that were seen before. */
export function together(
  ...sources: readonly { readonly log: readonly string[] }[]
): () => readonly string[] {
  const lines: string[] = [];
  const taken = sources.map(() => 0);
  return () => {
    for (const [index, { log }] of sources.entries()) {
      lines.push(...log.slice(taken[index]));
      taken[index] = log.length;
    }
    return lines;
  };
}
