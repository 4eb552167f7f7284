import { DramError, type LineErrors } from "../../core/mod.ts";
import { guard, stopOnSignals, within } from "../process/mod.ts";
import type { Client } from "./client.ts";
import { FLUSH_TIMEOUT, GRACE_TIME, WAIT_TIMEOUT } from "./limits.ts";

/**
 * Ends the process when its one exchange is done, whatever else still holds it: the server waits for
 * a program it has started. Until then what nobody catches is logged, and SIGTERM, by which a server
 * ends a program, ends the exchange first.
 *
 * @param exchange Whether the response was whole, and no page for an error.
 */
export async function endAfter(
  exchange: Promise<boolean>,
  client: Client,
  errors: LineErrors,
): Promise<never> {
  guard(errors);
  let stopped = false;
  stopOnSignals(() => {
    stopped = true;
    client.leave(new DramError("ERR_ABORTED", "the web server has ended the program"));
    return within(ended, GRACE_TIME);
  }, GRACE_TIME);
  const ended = exchange.then(async (whole) => {
    const exitCode = whole && !stopped ? 0 : 1;
    await client.end();
    if (!(await within(client.lifetime.idle(), WAIT_TIMEOUT))) {
      errors.write(
        `dram: the program ends though close() or work given to dram.wait_until is not done after ${WAIT_TIMEOUT} ms\n`,
      );
    }
    await within(flushLog(), FLUSH_TIMEOUT);
    process.exit(exitCode);
  });
  return ended;
}

function flushLog(): Promise<void> {
  return new Promise((resolve) => {
    process.stderr.write("", () => resolve());
  });
}
