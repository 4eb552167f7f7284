import { DramError } from "../../core/mod.ts";
import type { Invocation } from "./invocation.ts";
import { SHUTDOWN_GRACE } from "./limits.ts";

/** The invocations under way in this process, for SIGTERM to end. */
export interface Running {
  begin(invocation: Invocation): void;
  end(invocation: Invocation): void;
}

/**
 * Ends what is under way at SIGTERM, which Lambda sends before it stops a process that has an
 * extension, a few hundred milliseconds before SIGKILL. Listens from the first invocation on that
 * takes time.
 */
export function createRunning(): Running {
  const running = new Set<Invocation>();
  let isListening = false;
  let isStopping = false;

  const stop = (): void => {
    isStopping = true;
    for (const invocation of running) {
      invocation.end(new DramError("ERR_SHUTDOWN", "the process was told to stop"));
    }
    if (running.size === 0) {
      exit();
    }
  };

  return {
    begin(invocation) {
      running.add(invocation);
      if (!isListening) {
        isListening = true;
        process.once("SIGTERM", stop);
      }
    },
    end(invocation) {
      if (running.delete(invocation) && isStopping && running.size === 0) {
        setTimeout(exit, SHUTDOWN_GRACE);
      }
    },
  };
}

/** A process that listens for SIGTERM no longer ends by it; whoever else listens decides. */
function exit(): void {
  if (process.listenerCount("SIGTERM") === 0) {
    process.exit(0);
  }
}
