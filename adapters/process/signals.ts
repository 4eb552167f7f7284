/**
 * Stops at the first of these signals; a second one ends the process at once, with 128 and the
 * signal's number as a shell has it.
 *
 * After a stop in time the process ends by itself, with its own exit code, as soon as nothing holds
 * it, and with 0 at the end of the grace time if something does. If something in flight was cut, it
 * ends with 1.
 *
 * @param stop Whether all has ended in time.
 * @param graceTime Milliseconds.
 * @returns Takes the listeners away.
 */
export function stopOnSignals(
  stop: () => Promise<boolean>,
  graceTime: number,
  signals: readonly NodeJS.Signals[] = ["SIGTERM", "SIGINT"],
): () => void {
  let first = true;
  const onSignal = async (signal: NodeJS.Signals): Promise<void> => {
    if (!first) {
      // Not imported: an edge runtime that has no use for signals would load all of it at each start.
      const { constants } = process.getBuiltinModule("node:os");
      process.exit(128 + constants.signals[signal]);
    }
    first = false;
    const deadline = Date.now() + graceTime;
    if (!(await stop())) {
      process.exit(1);
    }
    setTimeout(() => process.exit(), Math.max(deadline - Date.now(), 0)).unref();
  };
  for (const signal of signals) {
    process.on(signal, onSignal);
  }
  return () => {
    for (const signal of signals) {
      process.off(signal, onSignal);
    }
  };
}
