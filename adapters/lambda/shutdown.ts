import { DramError, type Entry, Roster } from "../../core/mod.ts";
import { SHUTDOWN_GRACE } from "./limits.ts";

/** What is under way and can be ended. */
export interface Ending {
  end(error: DramError): void;
}

/**
 * The invocations of this process, for its one SIGTERM to end, and nothing of their requests. Lambda
 * sends the signal before it stops a process that has an extension, a few hundred milliseconds before
 * SIGKILL.
 */
const underWay = new Roster<Ending>();

/**
 * Asks for the end by SIGTERM. The first call starts to listen for it.
 *
 * @returns What `unregister` wants.
 */
export function register(invocation: Ending): Entry<Ending> {
  if (!isListening) {
    isListening = true;
    process.once("SIGTERM", stop);
  }
  return underWay.add(invocation);
}

export function unregister(entry: Entry<Ending>): void {
  underWay.remove(entry);
  if (isStopping && underWay.isEmpty) {
    setTimeout(exit, SHUTDOWN_GRACE);
  }
}

let isListening = false;
let isStopping = false;

function stop(): void {
  isStopping = true;
  for (const invocation of underWay) {
    invocation.end(new DramError("ERR_ABORTED", "the process was told to stop"));
  }
  if (underWay.isEmpty) {
    exit();
  }
}

/** A process that listens for SIGTERM no longer ends by it; whoever else listens decides. */
function exit(): void {
  if (process.listenerCount("SIGTERM") === 0) {
    process.exit(0);
  }
}
