import { MAX_CACHED_KEY } from "./limits.ts";

/**
 * Remembers what a pure function answered, for at most `capacity` arguments.
 *
 * The arguments come from clients (header names, hosts): emptied when full, it cannot be filled
 * with rubbish for good, and never grows beyond its bound.
 */
export function memoize<T>(compute: (key: string) => T, capacity: number): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    if (key.length > MAX_CACHED_KEY) {
      return compute(key);
    }
    const found = known.get(key);
    if (found !== undefined) {
      return found;
    }
    const value = compute(key);
    if (known.size >= capacity) {
      known.clear();
    }
    known.set(key, value);
    return value;
  };
}
