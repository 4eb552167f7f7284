import { type Blame, DramError, escapeControls } from "../errors.ts";
import type { Level, Side } from "../rules/rule.ts";
import type { Breach } from "../rules.ts";

/** What lint has to say: a rule, what was found, whose fault it is, and what to do. */
export interface Finding {
  /** The id of the rule in SPEC.md: `L48`. */
  readonly rule: string;
  /** Of the rule. */
  readonly level: Level;
  /** The culprit: a rule of an application may have been broken by a middleware around it. */
  readonly by: Side;
  /** The rule in one sentence. */
  readonly text: string;
  /** What breaks it. */
  readonly found: string;
  /** What to do about it. */
  readonly fix: string;
  /** The section of PEP 3333 or the RFC that the rule comes from. */
  readonly source: string;
  /** All of it in one line of printable ASCII. */
  readonly message: string;
}

/** An error-level finding, thrown at the culprit where that is possible. Its `code` is `ERR_LINT`. */
export class LintError extends DramError {
  /** The gateway's or the application's, of which middleware is a part. */
  override readonly blame: Blame;
  /** What was found. */
  readonly finding: Finding;
  /** The id of the rule. */
  readonly rule: string;

  /** Throws a finding; its message becomes the error's. */
  constructor(finding: Finding) {
    super("ERR_LINT", finding.message);
    this.name = "LintError";
    this.blame = finding.by === "gateway" ? "gateway" : "application";
    this.finding = finding;
    this.rule = finding.rule;
  }
}

export function findingOf({ rule, found }: Breach, by: Side): Finding {
  const { id, level, text, fix, source } = rule;
  return {
    rule: id,
    level,
    by,
    text,
    found,
    fix,
    source,
    // A key of environ may hold anything.
    message: escapeControls(`${id} (${by}): ${found}; ${fix}`),
  };
}
