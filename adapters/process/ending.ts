import type { Lifespan, LineErrors } from "../../core/mod.ts";
import { guard } from "./guard.ts";
import { shutDown } from "./lifespan.ts";
import type { Lifetime } from "./lifetime.ts";
import { stopOnSignals } from "./signals.ts";
import type { Stop } from "./stop.ts";

/** What a server that serves has, and gives up at its end. */
export interface Serving {
  readonly stop: Stop;
  readonly lifetime: Lifetime;
  /** Its WebSockets, which are told first. */
  readonly sockets: { stop(): Promise<void> } | undefined;
  /** The application's own end, which comes last. */
  readonly lifespan: Lifespan | undefined;
  readonly errors: LineErrors;
  /** Milliseconds. */
  readonly graceTime: number;
  /** Whether SIGTERM and SIGINT stop it. */
  readonly signals: boolean;
}

/** The two ends of a server that serves: what asks for it, and what tells of it. */
export interface Ending {
  close(): Promise<void>;
  readonly closed: Promise<void>;
}

/** Lets a server serve until it is asked to stop, and then ends all in order. */
export function endInOrder(serving: Serving): Ending {
  const { stop, lifetime, sockets, lifespan, errors, graceTime } = serving;
  const unguard = guard(errors);
  const stopped = stop.closed.then(async (clean) => {
    await shutDown(lifespan, errors, graceTime);
    return clean;
  });
  const stopAll = (): Promise<boolean> => {
    if (sockets !== undefined && !lifetime.stopping) {
      lifetime.waitUntil(sockets.stop());
    }
    stop.stop();
    return stopped;
  };
  const unlisten = serving.signals ? stopOnSignals(stopAll, graceTime) : undefined;
  const closed = stopped.then(() => {
    unguard();
    unlisten?.();
  });
  return {
    async close() {
      stopAll();
      await closed;
    },
    closed,
  };
}
