import { type Application, type Environ, type Middleware, run } from "dram";
import { checkEnviron, type Finding, LintError, type LintOptions, lint, stressed } from "dram/lint";
import { type Answer, answer, type Incoming } from "../core/exchangehelpers.ts";
import { environOf, gateway, Log } from "../core/helpers.ts";

/** What lint has found: `error L48 application`. */
export type Found = string;

export interface Linted extends Incoming {
  stress?: boolean;
  /** Stands between two lints. */
  between?: Middleware;
}

/** An exchange under lint, on the gateway of core; what is thrown is told from its log. */
export async function exchange(
  application: Application,
  { stress = false, between, ...request }: Linted = {},
): Promise<Answer & { found: Found[] }> {
  const findings: Finding[] = [];
  const options = { onWarning: (finding: Finding) => findings.push(finding) };
  const inner = lint(application, { ...options, stress });
  const outer = between === undefined ? inner : lint(between(inner), options);
  const answered = await answer(outer, request);
  await stressed(inner).catch(() => {});
  const thrown = answered.lines.flatMap((line) =>
    [...line.matchAll(/^dram: .*ERR_LINT: (\w+) \((\w+)\)/g)].map(
      ([, rule, by]) => `error ${rule} ${by}`,
    ),
  );
  return { ...answered, found: [...findings.map(name), ...thrown] };
}

export async function found(application: Application, request?: Linted): Promise<Found[]> {
  return (await exchange(application, request)).found;
}

/** What is found in an environ that differs from a right one; `undefined` leaves a key out. */
export function foundIn(changes: Record<string, unknown>): Found[] {
  return checkEnviron(changed(changes)).map(name);
}

export function changed(changes: Record<string, unknown>): Environ {
  const environ = environOf();
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) {
      delete environ[key];
    } else {
      environ[key] = value;
    }
  }
  return environ;
}

/** What a driver in the place of a gateway is told, thrown and reported. */
export async function foundBy(
  drive: (lint: (application: Application, options?: LintOptions) => Application) => unknown,
): Promise<Found[]> {
  const findings: Finding[] = [];
  try {
    await drive((application, options) =>
      lint(application, { ...options, onWarning: (finding) => findings.push(finding) }),
    );
  } catch (error) {
    if (!(error instanceof LintError)) {
      throw error;
    }
    findings.push(error.finding);
  }
  return findings.map(name);
}

/** The lines that an exchange leaves in the log, with the warnings where they go by default. */
export async function logOf(application: Application, times = 1): Promise<string[]> {
  const log = new Log();
  const made = gateway({ errors: log });
  for (let time = 0; time < times; time++) {
    await run(application, environOf({ gateway: made }), made);
  }
  return log.writes;
}

function name({ level, rule, by }: Finding): Found {
  return `${level} ${rule} ${by}`;
}
