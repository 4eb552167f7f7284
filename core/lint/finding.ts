import { type Blame, DramError, escapeControls } from "../errors.ts";
import type { Level, Side } from "../rules/rule.ts";
import type { Breach } from "../rules.ts";

/** What lint has to say: a rule, what was found, whose fault it is, and what to do. */
export interface Finding {
  /** The id of the rule in SPEC.md: `L48`. */
  readonly rule: string;
  readonly level: Level;
  /** The culprit: a rule of an application may have been broken by a middleware around it. */
  readonly by: Side;
  /** The rule in one sentence. */
  readonly text: string;
  readonly found: string;
  readonly fix: string;
  readonly source: string;
  /** All of it in one line of printable ASCII. */
  readonly message: string;
}

/** An error-level finding, thrown at the culprit where that is possible. Its `code` is `ERR_LINT`. */
export class LintError extends DramError {
  override readonly blame: Blame;
  readonly finding: Finding;
  /** The id of the rule. */
  readonly rule: string;

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
