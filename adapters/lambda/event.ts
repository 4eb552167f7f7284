import { DramError, describe, quote } from "../../core/mod.ts";

/** An object of an event. What it holds is checked where it is read. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The error for an event that AWS would not have sent.
 *
 * @param path Where in the event, as in `requestContext.http.method`.
 */
export function malformed(path: string, found: unknown, wanted: string): DramError {
  const what = typeof found === "string" ? quote(found) : describe(found);
  return new DramError("ERR_EVENT", `${path} of the event is ${what}; wanted ${wanted}`);
}

export function stringAt(value: unknown, path: string): string {
  if (typeof value !== "string") {
    throw malformed(path, value, "a string");
  }
  return value;
}

export function objectAt(value: unknown, path: string): JsonObject {
  if (!isObject(value)) {
    throw malformed(path, value, "an object");
  }
  return value;
}

/** A string that AWS leaves out, or makes `null` or empty, where it has none to give. */
export function stringOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/**
 * An object of an event that may be absent or `null`; then an empty one. For what every request reads:
 * with its keys written in the code, each costs 15 ns less than by `dig`, whose keys V8 cannot foresee.
 */
export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : NOTHING;
}

const NOTHING: JsonObject = Object.freeze({});

/** Follows keys through objects that may be absent or `null`. Written out: a loop costs an array. */
export function dig(value: unknown, key: string, next?: string, last?: string): unknown {
  let found = isObject(value) ? value[key] : undefined;
  if (next !== undefined) {
    found = isObject(found) ? found[next] : undefined;
  }
  return last === undefined ? found : isObject(found) ? found[last] : undefined;
}
