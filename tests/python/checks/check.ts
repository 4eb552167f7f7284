import { describe, test } from "vitest";
import { type Ability, type Site, Visitor } from "./visitor.ts";

/** What holds of an application, whatever serves it. */
export interface Check {
  /** A fact. */
  readonly name: string;
  /** What a platform must be able to do for it. */
  readonly needs?: readonly Ability[];
  /** @param visitor One without cookies yet. */
  run(visitor: Visitor): Promise<void>;
}

/** What a platform cannot do, and why. */
export type Lacks = Readonly<Partial<Record<Ability, string>>>;

/**
 * A test for each check that a platform can be asked for.
 *
 * @param site Called when the tests run.
 */
export function register(checks: readonly Check[], lacks: Lacks, site: () => Site): void {
  const able = checks.filter(({ needs = [] }) => needs.every((need) => !(need in lacks)));
  describe.each(able)("", ({ name, run }) => {
    test(name, () => run(new Visitor(site())));
  });
}
