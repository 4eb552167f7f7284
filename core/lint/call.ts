import type { Side, Subjects } from "../rules/rule.ts";
import { violations } from "../rules.ts";
import type { Environ, HeaderList, StartResponse } from "../types.ts";
import { type Finding, findingOf, LintError } from "./finding.ts";
import type { Recording } from "./recording.ts";

/** Takes a warning. */
export type Report = (finding: Finding, errors: Environ["wsgi.errors"]) => void;

/** What the application has given to a successful startResponse. */
export interface Started {
  readonly code: number;
  readonly announced: number | undefined;
  readonly contentType: string | undefined;
}

/** One call of a lint'ed application: what has happened so far, for the rules to be asked about. */
export class Call {
  readonly isHead: boolean;
  /** The log under the one that the application sees. */
  readonly errors: Environ["wsgi.errors"];
  /** The calls of lint around the middleware above, and below the one that was called, if any. */
  readonly above: Call | undefined;
  below: Call | undefined;
  /** For stress mode. */
  readonly recording: Recording | undefined;

  /** startResponse was called, successfully or not. */
  called = false;
  started: Started | undefined;
  /** What startResponse has thrown at an application that reported an error. */
  swallowed: { readonly error: unknown } | undefined;
  /** The header list, as it was when startResponse returned, and itself. */
  list: { readonly given: HeaderList; readonly now: HeaderList } | undefined;
  pendingWrites = 0;
  pendingReads = 0;
  /** Bytes, written and yielded. */
  produced = 0;
  /** Chunks of the body. */
  chunks = 0;
  /** Those that were iterated through lint: no array's. */
  iterated = 0;
  /** Steps of the iteration under way. */
  steps = 0;
  returned = false;
  done = false;
  #report: Report;
  #reported = new Set<string>();
  #onDone: (() => void)[] = [];

  constructor(
    environ: Environ,
    startResponse: StartResponse,
    report: Report,
    recording: Recording | undefined,
  ) {
    this.isHead = environ.REQUEST_METHOD === "HEAD";
    this.errors = environ["wsgi.errors"];
    this.#report = report;
    this.recording = recording;
    this.above = callAbove(environ, startResponse);
    if (this.above !== undefined) {
      this.above.below = this;
    }
  }

  /** Makes this the call that another one finds above it by `key`. */
  relate(key: object): void {
    const earlier = calls.get(key);
    calls.set(key, this);
    this.whenDone(() => {
      if (calls.get(key) === this) {
        earlier === undefined ? calls.delete(key) : calls.set(key, earlier);
      }
    });
  }

  /**
   * Asks the rules: the first error is thrown; where there is none, warnings are reported, each once.
   *
   * @throws {LintError}
   */
  ask<On extends keyof Subjects>(on: On, subject: Subjects[On]): void {
    const breaches = violations(on, subject);
    const error = breaches.find(({ rule }) => rule.level === "error");
    if (error !== undefined) {
      throw new LintError(findingOf(error, this.#culprit(error.rule.by)));
    }
    for (const breach of breaches) {
      const { id, by } = breach.rule;
      if (!this.hasReported(id)) {
        this.#reported.add(id);
        this.#report(findingOf(breach, this.#culprit(by)), this.errors);
      }
    }
  }

  /** Here or below, where it was seen first. */
  hasReported(id: string): boolean {
    return this.#reported.has(id) || this.below?.hasReported(id) === true;
  }

  /** The application has ended, or will never be heard of again. */
  end(): void {
    if (!this.done) {
      this.done = true;
      for (const action of this.#onDone) {
        action();
      }
      this.recording?.end();
    }
  }

  whenDone(action: () => void): void {
    this.#onDone.push(action);
  }

  /** With lint on the other side of a middleware, what is wrong on this side is the middleware's. */
  #culprit(by: Side): Side {
    const between = by === "gateway" ? this.above : by === "application" ? this.below : undefined;
    return between === undefined ? by : "middleware";
  }
}

/** The call of lint that another one is made in, with middleware between them. */
export function callAbove(environ: Environ, startResponse: StartResponse): Call | undefined {
  return calls.get(environ) ?? calls.get(startResponse) ?? calls.get(environ["wsgi.input"]);
}

/** By environ, startResponse and wsgi.input, of which a middleware may replace one or two. */
const calls = new WeakMap<object, Call>();
