import { describe, quote } from "../errors.ts";
import type { HeaderList } from "../types.ts";

/** `error`: the contract is broken. `warning`: it is kept, but hardly as it was meant. */
export type Level = "error" | "warning";

/** Who keeps a rule, or has broken it. */
export type Side = "application" | "gateway" | "middleware";

/** A rule as it is read. */
export interface RuleText {
  /** `L48`; a second level of the same rule has a `b` behind. Stable. */
  readonly id: string;
  /** How bad a breach is. */
  readonly level: Level;
  /** Who keeps it. */
  readonly by: Side;
  /** The rule in one sentence. */
  readonly text: string;
  /** What to do about a breach, to follow what was found. */
  readonly fix: string;
  /** The section of PEP 3333 or the RFC that it comes from. */
  readonly source: string;
}

/** A rule as it is asked: about one kind of subject. */
export interface Rule<On extends keyof Subjects> extends RuleText {
  /** What was found, beginning with the thing; `undefined` if the rule is kept. */
  check(subject: Subjects[On]): string | undefined;
}

/** Rules by what they are about. */
export type RuleTable = { readonly [On in keyof Subjects]: readonly Rule<On>[] };

/** Everything that happens in an exchange, as the rules see it. */
export interface Subjects {
  application: { readonly application: unknown };
  /** The application is called. */
  call: { readonly parameters: readonly unknown[] };
  environ: Readonly<Record<string, unknown>>;
  /** A method of wsgi.input is called; `ended`: after the response; `terminated`: by wsgi.input_terminated. */
  read: {
    readonly method: string;
    readonly parameters: readonly unknown[];
    readonly terminated: boolean;
    readonly ended: boolean;
  };
  /** What it gave. */
  bytes: { readonly method: string; readonly size: unknown; readonly result: unknown };
  /** A text for wsgi.errors. */
  log: { readonly method: string; readonly text: unknown };
  /** Something of a stream is used that is not in its interface. */
  member: { readonly stream: string; readonly member: string };
  /** `called`: not for the first time. */
  startResponse: { readonly parameters: readonly unknown[]; readonly called: boolean };
  /** What startResponse returned. */
  started: { readonly write: unknown };
  status: { readonly status: unknown };
  headers: { readonly headers: unknown };
  /** One item of the header list. */
  field: { readonly index: number; readonly field: unknown };
  /** Status and headers that are well-formed each for itself. */
  head: { readonly code: number; readonly headers: HeaderList };
  /** The header list as it was given, and what it is now. */
  list: { readonly given: HeaderList; readonly now: HeaderList };
  /** What the application returned. */
  body: { readonly body: unknown };
  /** A chunk is yielded or written. `code`: undefined before a successful startResponse. */
  chunk: {
    readonly via: "body" | "write";
    readonly chunk: unknown;
    readonly code: number | undefined;
    /** The request is HEAD, and the body is no array or text, whose length is worth knowing. */
    readonly forHead: boolean;
    readonly during: boolean;
  };
  /** The application goes on. `swallowed`: what startResponse has thrown at it. */
  proceed: { readonly swallowed: { readonly error: unknown } | undefined };
  /** Bytes so far, or at the end. */
  length: {
    readonly produced: number;
    readonly announced: number | undefined;
    readonly ended: boolean;
    readonly bodiless: boolean;
  };
  /** The body is complete. */
  end: {
    readonly code: number | undefined;
    readonly produced: number;
    readonly chunks: number;
    readonly contentType: string | undefined;
  };
  /** The application has returned. */
  returned: { readonly pendingWrites: number };
  /** Nothing more comes from the application. */
  done: { readonly pendingReads: number };
  /** The body's iterator is asked for. */
  iteration: { readonly times: number };
  /** Its next chunk is asked for. `early`: inside the call of the middleware above. */
  step: { readonly closed: boolean; readonly early: boolean };
  /** Chunks that a middleware has taken and given. */
  pace: { readonly taken: number; readonly given: number };
  /** `times` 0: not called in `waited` milliseconds. */
  close: { readonly times: number; readonly waited: number };
  /** The chunk before, when the next was produced. */
  earlier: { readonly length: number; readonly changed: boolean };
  /** What a further run in stress mode showed. */
  run: { readonly kind: "together" | "truncated" | "minimal"; readonly failure: string };
  /** A key of environ is read after the application has returned. */
  late: { readonly key: string; readonly by: "gateway" | "middleware" };
}

/** A value for a message where a string is expected: the string, or what stands in its place. */
export function shown(value: unknown): string {
  return typeof value === "string" ? quote(value) : typed(value);
}

/** A value for a message where something else is expected: its type, and itself if it is short. */
export function typed(value: unknown): string {
  if (typeof value === "string") {
    return `a string (${quote(value)})`;
  }
  return typeof value === "number" || typeof value === "boolean" || typeof value === "bigint"
    ? `${describe(value)} (${value})`
    : describe(value);
}
