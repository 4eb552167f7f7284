import type { Report } from "./lint/call.ts";
import { type Finding, findingOf, LintError } from "./lint/finding.ts";
import { observe } from "./lint/observe.ts";
import { Stress } from "./lint/stress.ts";
import type { Subjects } from "./rules/rule.ts";
import { violations } from "./rules.ts";
import type { Application, Environ } from "./types.ts";

export { type Finding, LintError } from "./lint/finding.ts";
export type { Level, RuleText, Side } from "./rules/rule.ts";
export { type Variable, variables } from "./rules/variables.ts";
export { type AnyRule, leftOut, rules } from "./rules.ts";
export { type ExchangeState, START_RESPONSE } from "./startresponse.ts";
export { mayHaveBody } from "./status.ts";

/** How hard to look, and where to tell. */
export interface LintOptions {
  /**
   * For tests: besides the real run, each request is answered several times more, at the same time,
   * cut short, and from as few variables as there may be; and the caller's environ is emptied once
   * the application has returned. `stressed(application)` waits for all of it. Default false.
   */
  stress?: boolean;
  /**
   * Takes each warning, of one rule once a request, and each finding of stress mode. Must not
   * throw. Default: one line in `wsgi.errors`, for each rule once.
   */
  onWarning?(finding: Finding): void;
}

/**
 * Watches both sides of the interface and throws a `LintError` where a rule of SPEC.md is broken:
 * in `startResponse`, `write` or a read at the application, at the call or in the iteration at its
 * caller. Everything that passes stays as it is: chunks and errors are the same ones, an array or a
 * text the very object, a synchronous answer synchronous.
 *
 * Works above and below a middleware, `lint(middleware(lint(application)))`; only so does it know
 * what is the middleware's fault.
 *
 * @throws {LintError} `L01` for anything but a function.
 */
export function lint(application: Application, options: LintOptions = {}): Application {
  ask("application", { application });
  const report = createReport(options.onWarning);
  const stress = options.stress === true ? new Stress(application, report) : undefined;
  const linted: Application = (...parameters) => {
    ask("call", { parameters });
    const [environ, startResponse] = parameters;
    return stress === undefined
      ? observe(application, environ, startResponse, report)
      : stress.call(environ, startResponse);
  };
  if (stress !== undefined) {
    underStress.set(linted, stress);
  }
  return linted;
}

/**
 * Waits for everything that stress mode has under way for an application.
 *
 * @param application What `lint(application, { stress: true })` returned.
 * @throws {LintError} The first finding of stress mode since the last call.
 */
export async function stressed(application: Application): Promise<void> {
  await underStress.get(application)?.settle();
}

/** What the rules have to say of an environ, all of it at once. */
export function checkEnviron(environ: Environ): readonly Finding[] {
  return violations("environ", environ).map((breach) => findingOf(breach, breach.rule.by));
}

const underStress = new WeakMap<Application, Stress>();

function ask<On extends keyof Subjects>(on: On, subject: Subjects[On]): void {
  const [breach] = violations(on, subject);
  if (breach !== undefined) {
    throw new LintError(findingOf(breach, breach.rule.by));
  }
}

function createReport(onWarning: LintOptions["onWarning"]): Report {
  const told = new Set<string>();
  return (finding, errors) => {
    if (onWarning !== undefined) {
      onWarning(finding);
    } else if (!told.has(finding.rule)) {
      told.add(finding.rule);
      errors.flush();
      errors.write(`dram: lint: ${finding.message}\n`);
    }
  };
}
