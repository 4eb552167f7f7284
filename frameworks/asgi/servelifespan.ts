import { explain, type Lifespan } from "../../core/mod.ts";
import type { AsgiReceive, AsgiSend } from "./types.ts";

/** The lifespan scope, for an application that may have a lifespan of its own. */
export async function serveLifespan(
  lifespan: Lifespan | undefined,
  receive: AsgiReceive,
  send: AsgiSend,
): Promise<void> {
  await receive();
  try {
    await lifespan?.startup();
  } catch (error) {
    await send({ type: "lifespan.startup.failed", message: explain(error) });
    return;
  }
  await send({ type: "lifespan.startup.complete" });
  await receive();
  try {
    await lifespan?.shutdown();
  } catch (error) {
    await send({ type: "lifespan.shutdown.failed", message: explain(error) });
    return;
  }
  await send({ type: "lifespan.shutdown.complete" });
}
