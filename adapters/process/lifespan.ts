import { explain, type Lifespan, type LineErrors } from "../../core/mod.ts";
import { within } from "./within.ts";

/**
 * Shuts an application down, if it has such an end. One that fails, or takes longer than the grace
 * time, has stopped all the same.
 */
export async function shutDown(
  lifespan: Lifespan | undefined,
  errors: LineErrors,
  graceTime: number,
): Promise<void> {
  if (lifespan === undefined) {
    return;
  }
  try {
    await within(lifespan.shutdown(), graceTime);
  } catch (error) {
    errors.write(`dram: the application did not shut down well: ${explain(error)}\n`);
  }
}
