import { bodyRules } from "./rules/body.ts";
import { environRules } from "./rules/environ.ts";
import type { Rule, RuleTable, RuleText, Subjects } from "./rules/rule.ts";
import { startResponseRules } from "./rules/startresponse.ts";
import { streamRules } from "./rules/streams.ts";
import { stressRules } from "./rules/stress.ts";

const ruleTable: RuleTable = {
  ...environRules,
  ...streamRules,
  environ: [...environRules.environ, ...streamRules.environ],
  ...startResponseRules,
  ...bodyRules,
  ...stressRules,
};

/** A rule of any kind. */
export interface AnyRule extends RuleText {
  /** Takes the subject of this rule alone. */
  check(subject: never): string | undefined;
}

/** Every rule of the contract, by its id. */
export const rules: readonly AnyRule[] = Object.values(ruleTable)
  .flat()
  .sort((one, other) => order(one) - order(other) || (one.id < other.id ? -1 : 1));

/** The ids of the checks of other validators that are no rules here, and why. */
export const leftOut: Readonly<Record<string, string>> = {
  L36: "wsgi.input gives bytes, and has no encoding to be wrong",
  L53: "header names are case-insensitive; the gateway sends them as given",
  L82: "a body is only iterated here: there is no to_path and no to_ary",
  L92: "there is no streaming body that is called with a stream",
};

/** A rule that was broken, and by what. */
export interface Breach {
  readonly rule: RuleText;
  readonly found: string;
}

/** What the rules about this kind of subject have to say of one. */
export function violations<On extends keyof Subjects>(
  on: On,
  subject: Subjects[On],
): readonly Breach[] {
  const asked: readonly Rule<On>[] = ruleTable[on];
  return asked.flatMap((rule) => {
    const found = rule.check(subject);
    return found === undefined ? [] : [{ rule, found }];
  });
}

function order({ id }: RuleText): number {
  return id.startsWith("L") ? Number.parseInt(id.slice(1), 10) : 1_000;
}
