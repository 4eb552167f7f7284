import { explain, type Lifespan } from "../../core/mod.ts";
import type { AsgiReceive, AsgiSend } from "../asgi/mod.ts";

/** Answers the call of the lifespan: what Python has of one is begun and ended with it. */
export async function live(
  lifespan: Lifespan,
  receive: AsgiReceive,
  send: AsgiSend,
): Promise<void> {
  await receive();
  try {
    await lifespan.startup();
  } catch (error) {
    await send({ type: "lifespan.startup.failed", message: explain(error) });
    return;
  }
  await send({ type: "lifespan.startup.complete" });
  await receive();
  await lifespan.shutdown();
  await send({ type: "lifespan.shutdown.complete" });
}
