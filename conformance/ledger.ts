import type { Environ } from "../core/mod.ts";

/** What happened in the target during one run of one case. */
export interface Entry {
  /** How often the gateway called the application. */
  calls: number;
  /** How often each body with a `close()` was closed. */
  closes: number[];
  /** Rules that an environ broke. */
  faults: string[];
  /** Rejections and errors that nobody caught. */
  uncaught: string[];
  /** What the application of the case had to tell beside its answers, in order. */
  notes: string[];
}

const MAX_RUNS = 256;
const entries = new Map<string, Entry>();
let watching = false;
let latest: Entry | undefined;

/** The entry of a run; a new one unless there is one. */
export function entryOf(run: string): Entry {
  watchUncaught();
  let entry = entries.get(run);
  if (entry === undefined) {
    entry = { calls: 0, closes: [], faults: [], uncaught: [], notes: [] };
    entries.set(run, entry);
    const [oldest] = entries.keys();
    if (entries.size > MAX_RUNS && oldest !== undefined) {
      entries.delete(oldest);
    }
  }
  latest = entry;
  return entry;
}

/** Leaves word for the exchange, which reads it with `client.notes()`. */
export function note(environ: Environ, what: string): void {
  notesOf(environ).push(what);
}

/** What the requests of this run have noted so far. */
export function notesOf(environ: Environ): string[] {
  return entryOf(environ.HTTP_X_DRAM_RUN ?? "").notes;
}

interface EventSource {
  addEventListener?(type: string, listener: (event: { reason?: unknown }) => void): void;
  process?: { on?(type: string, listener: (reason: unknown) => void): unknown };
}

/** Whose rejection it is cannot be told: it goes to the run under way. */
function watchUncaught(): void {
  if (watching) {
    return;
  }
  watching = true;
  const note = (reason: unknown): void => {
    latest?.uncaught.push(String(reason));
  };
  const source: EventSource = globalThis;
  source.addEventListener?.("unhandledrejection", ({ reason }) => note(reason));
  source.process?.on?.("unhandledRejection", note);
}
