import { DramError } from "./errors.ts";
import { CLOSE_TIMEOUT } from "./limits.ts";

/** At once, if there is nothing to wait for. */
export type Answer<T> = T | Promise<T>;

/** Whether a value is a promise, of whatever realm or library. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  );
}

/** For a promise whose rejection is dealt with elsewhere. */
export function ignore(): void {}

/** Waits for a promise, but not for ever. */
export async function settled(value: unknown, name: string): Promise<void> {
  if (!isThenable(value)) {
    return;
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<void>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(
        new DramError(
          "ERR_CLOSE_TIMEOUT",
          `the body was given up: ${name} did not end within ${CLOSE_TIMEOUT} ms`,
        ),
      );
    }, CLOSE_TIMEOUT);
  });
  try {
    await Promise.race([value, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
