import { TURN_TIME } from "./limits.ts";

/**
 * The head leaves with the first chunk, which is there as a rule. It must not wait for one that is
 * not, if an empty `write()` has committed it.
 *
 * @param send Sends the head alone; called at most once, while the first chunk is waited for.
 */
export function sendCommitted(first: Promise<unknown>, send: () => void): void {
  const sending = setImmediate(send);
  const settle = (): void => clearImmediate(sending);
  first.then(settle, settle);
}

/**
 * Gives other requests, and signals, their turn between the chunks of a body that waits for nothing:
 * neither for its source nor for a sink that takes all at once.
 *
 * @returns Called between chunks; what it returns is to be awaited.
 */
export function turns(): () => Promise<void> | undefined {
  let due = performance.now() + TURN_TIME;
  return () => {
    if (performance.now() < due) {
      return undefined;
    }
    return new Promise((resolve) => {
      setImmediate(() => {
        due = performance.now() + TURN_TIME;
        resolve();
      });
    });
  };
}

interface Sink {
  on(event: "drain" | "close", listener: () => void): unknown;
  off(event: "drain" | "close", listener: () => void): unknown;
}

/** Until a sink takes more, or never will. */
export function drained(sink: Sink, isOver: boolean): Promise<void> {
  return new Promise((resolve) => {
    if (isOver) {
      resolve();
      return;
    }
    const done = (): void => {
      sink.off("drain", done);
      sink.off("close", done);
      resolve();
    };
    sink.on("drain", done);
    sink.on("close", done);
  });
}
