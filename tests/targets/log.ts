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
