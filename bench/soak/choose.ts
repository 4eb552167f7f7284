import type { Part } from "./part.ts";

/**
 * The parts of the goals and on the platforms that are named; all of those that are not named.
 *
 * @throws {Error} For a name that no part has, and for names that no part has together.
 */
export function choose(parts: readonly Part[], names: readonly string[]): readonly Part[] {
  const goals = [...new Set(parts.map(({ goal }) => goal))];
  const platforms = [...new Set(parts.flatMap(placesOf))];
  const unknown = names.filter((name) => ![...goals, ...platforms].includes(name));
  if (unknown.length > 0) {
    throw new Error(
      `${unknown.join(", ")}: no goal and no platform; known are ${[...goals, ...platforms].join(", ")}`,
    );
  }
  const chosen = parts.filter(
    (part) => isNamed([part.goal], names, goals) && isNamed(placesOf(part), names, platforms),
  );
  if (chosen.length === 0) {
    throw new Error(`${names.join(" ")}: no part has all of these`);
  }
  return chosen;
}

/** Whether one is named; or none of its kind is. */
function isNamed(
  own: readonly string[],
  names: readonly string[],
  kind: readonly string[],
): boolean {
  return own.some((name) => names.includes(name)) || !names.some((name) => kind.includes(name));
}

/** `fastcgi behind nginx` is found by both. */
function placesOf({ platform }: Part): readonly string[] {
  return platform.split(" behind ");
}
