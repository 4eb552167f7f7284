import type { Environ, WebSocketConnection } from "../core/mod.ts";

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

/** Keeps lines of text for each run of a case. */
export interface Ledger {
  /** Puts a line behind those of this run. It has no line end in it. */
  append(run: string, line: string): void;
  /** The lines of this run, in order; none if it is not known. */
  read(run: string): readonly string[];
}

/**
 * Where this process keeps account from now on, instead of in its memory: for a gateway that does
 * not answer all requests in one process. To be called before the first request.
 */
export function keepLedger(other: Ledger): void {
  ledger = other;
}

/** One thing that happened, as a line of the ledger. */
type Happening =
  | ["call"]
  | ["open" | "close", body: string]
  | ["faults" | "uncaught" | "notes", what: string];

/** Keeps account of something. */
export function record(run: string, ...happening: Happening): void {
  watchUncaught();
  latest = run;
  ledger.append(run, JSON.stringify(happening));
}

/** What is known of a run. */
export function entryOf(run: string): Entry {
  const entry: Entry = { calls: 0, closes: [], faults: [], uncaught: [], notes: [] };
  const closes = new Map<string, number>();
  for (const line of ledger.read(run)) {
    const [kind, what = ""]: Happening = JSON.parse(line);
    if (kind === "call") {
      entry.calls++;
    } else if (kind === "open" || kind === "close") {
      closes.set(what, kind === "open" ? 0 : (closes.get(what) ?? 0) + 1);
    } else {
      entry[kind].push(what);
    }
  }
  entry.closes = [...closes.values()];
  return entry;
}

/** Leaves word for the exchange, which reads it with `client.notes()`. */
export function note(environ: Environ, what: string): void {
  record(runOf(environ), "notes", what);
}

/** What the requests of this run have noted so far. */
export function notesOf(environ: Environ): string[] {
  return entryOf(runOf(environ)).notes;
}

/** The run that a request belongs to. */
export function runOf(environ: Environ): string {
  return environ.HTTP_X_DRAM_RUN ?? "";
}

const MAX_RUNS = 256;
let ledger: Ledger = inMemory();
let watching = false;
let latest = "";

function inMemory(): Ledger {
  const runs = new Map<string, string[]>();
  return {
    append(run, line) {
      const lines = runs.get(run) ?? [];
      lines.push(line);
      runs.set(run, lines);
      const [oldest] = runs.keys();
      if (runs.size > MAX_RUNS && oldest !== undefined) {
        runs.delete(oldest);
      }
    },
    read: (run) => runs.get(run) ?? [],
  };
}

/** What a WebSocket of the suite carries from event to event. */
export interface RunAttachment {
  readonly case: string;
  readonly run: string;
}

/** As `note`, of the run that a WebSocket belongs to. */
export function noteOn({ attachment }: WebSocketConnection, what: string): void {
  if (typeof attachment === "object" && attachment !== null && "run" in attachment) {
    record(String(attachment.run), "notes", what);
  }
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
  const note = (reason: unknown): void => record(latest, "uncaught", String(reason));
  const source: EventSource = globalThis;
  source.addEventListener?.("unhandledrejection", ({ reason }) => note(reason));
  source.process?.on?.("unhandledRejection", note);
}
