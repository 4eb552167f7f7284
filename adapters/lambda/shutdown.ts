import { DramError, type Placed, UnderWay } from "../../core/mod.ts";
import { SHUTDOWN_GRACE } from "./limits.ts";

/** What is under way and can be ended. */
interface Ending extends Placed {
  end(error: DramError): void;
}

/**
 * The invocations of this process, for its one SIGTERM to end, and nothing of their requests. Lambda
 * sends the signal before it stops a process that has an extension, a few hundred milliseconds before
 * SIGKILL.
 */
const underWay = new UnderWay<Ending>();

/** Asks for the end by SIGTERM. The first call starts to listen for it. */
export function register(invocation: Ending): void {
  underWay.add(invocation);
  if (!isListening) {
    isListening = true;
    process.once("SIGTERM", stop);
  }
}

export function unregister(invocation: Ending): void {
  if (underWay.delete(invocation) && isStopping && underWay.size === 0) {
    setTimeout(exit, SHUTDOWN_GRACE);
  }
}

let isListening = false;
let isStopping = false;

function stop(): void {
  isStopping = true;
  for (const invocation of underWay.items()) {
    invocation.end(new DramError("ERR_ABORTED", "the process was told to stop"));
  }
  if (underWay.size === 0) {
    exit();
  }
}

/** A process that listens for SIGTERM no longer ends by it; whoever else listens decides. */
function exit(): void {
  if (process.listenerCount("SIGTERM") === 0) {
    process.exit(0);
  }
}
