// Assertions of its own, because the cases are bundled for runtimes without `node:assert`, and run
// under any test runner.

/** Fails unless both are the same value, compared by their JSON if they are objects. */
export function equal(found: unknown, wanted: unknown, what: string): void {
  const [is, should] = [show(found), show(wanted)];
  if (is !== should) {
    throw new Error(`${what}: found ${is}, wanted ${should}`);
  }
}

/** Fails unless `fact` is true. */
export function ok(fact: boolean, what: string): asserts fact {
  if (!fact) {
    throw new Error(what);
  }
}

/** Fails unless a text matches. */
export function matches(found: string | undefined, pattern: RegExp, what: string): void {
  if (found === undefined || !pattern.test(found)) {
    throw new Error(`${what}: found ${show(found)}, wanted ${pattern}`);
  }
}

/** Fails unless a promise rejects. */
export async function rejects(promise: Promise<unknown>, what: string): Promise<void> {
  let value: unknown;
  try {
    value = await promise;
  } catch {
    return;
  }
  throw new Error(`${what}: found ${show(value)}, wanted a rejection`);
}

/** Waits until a condition holds. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  within = 2000,
): Promise<void> {
  const deadline = Date.now() + within;
  while (!(await condition())) {
    if (Date.now() > deadline) {
      throw new Error(`${what}: not within ${within} ms`);
    }
    await pause(10);
  }
}

/** Milliseconds. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function show(value: unknown): string {
  return value instanceof Uint8Array
    ? `bytes ${JSON.stringify([...value])}`
    : (JSON.stringify(value) ?? String(value));
}
