import { DramError, type LineErrors } from "../../core/mod.ts";
import { guard, stopOnSignals, within } from "../process/mod.ts";
import type { Client } from "./client.ts";
import { FLUSH_TIMEOUT, GRACE_TIME, WAIT_TIMEOUT } from "./limits.ts";

/**
 * Ends the process when its one exchange is done, whatever else still holds it: the server waits for
 * a program it has started. Until then what nobody catches is logged, and SIGTERM, by which a server
 * ends a program, ends the exchange first.
 *
 * @param exchange Called when all is watched. Whether the response was whole, and no page for an error.
 */
export function endAfter(
  exchange: () => Promise<boolean>,
  client: Client,
  errors: LineErrors,
): void {
  guard(errors);
  let cut = false;
  const abort = (message: string): void => {
    cut = true;
    client.leave(new DramError("ERR_ABORTED", message));
  };
  const end = async (): Promise<void> => {
    const whole = await exchange();
    const exitCode = whole && !cut ? 0 : 1;
    await client.end();
    if (!(await within(client.lifetime.idle(), WAIT_TIMEOUT))) {
      errors.write(
        `dram: close() or work given to dram.wait_until is not done after ${WAIT_TIMEOUT} ms; the program ends\n`,
      );
    }
    await within(flushed(), FLUSH_TIMEOUT);
    process.exit(exitCode);
  };
  stopOnSignals(() => {
    abort("the web server has ended the program");
    return within(ended, GRACE_TIME);
  }, GRACE_TIME);
  // No event is left that could come: Node would end the process, and call that a success.
  process.once("beforeExit", () => {
    errors.write("dram: the application waits for what can never come; the program ends\n");
    process.exitCode = 1;
    abort("the application waits for what can never come");
  });
  const ended = end();
}

/** The log has left. */
function flushed(): Promise<void> {
  return new Promise((resolve) => {
    process.stderr.write("", () => resolve());
  });
}
