import { explain, type LineErrors } from "../../core/mod.ts";

/**
 * Logs what nobody has caught, a line each, and lets the process go on: one request's stray promise
 * or timer must not end all the others.
 *
 * @returns Takes the guard away.
 */
export function guard(errors: LineErrors): () => void {
  const onRejection = (reason: unknown): void => {
    errors.write(`dram: an unhandled rejection: ${explain(reason)}\n`);
  };
  const onException = (error: unknown): void => {
    // The log itself, whose reader has gone: writing about it would fail again, for ever.
    if (!isBrokenPipe(error)) {
      errors.write(`dram: an uncaught exception: ${explain(error)}\n`);
    }
  };
  process.on("unhandledRejection", onRejection);
  process.on("uncaughtException", onException);
  return () => {
    process.off("unhandledRejection", onRejection);
    process.off("uncaughtException", onException);
  };
}

function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EPIPE";
}
