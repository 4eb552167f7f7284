import type { Environ } from "../../core/mod.ts";

/**
 * What crosses of environ: strings, numbers and booleans. The streams, and what is Python's own affair,
 * such as `wsgi.multithread`, are gateway.py's to add.
 */
export function crossing(environ: Environ): Record<string, unknown> {
  const crossed: Record<string, unknown> = {};
  for (const key of Object.keys(environ)) {
    const value = environ[key];
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      crossed[key] = value;
    }
  }
  return crossed;
}
