import {
  consoleErrors,
  DramError,
  type ErrorStream,
  explain,
  type Lifespan,
  LineErrors,
  quote,
} from "../../core/mod.ts";
import { type Deferred, defer, ignore } from "./deferred.ts";
import { asEvent, outOfPlace, textOf } from "./events.ts";
import type { AsgiApplication, AsgiReceiveEvent } from "./types.ts";

/** How a lifespan is had. */
export interface LifespanOptions {
  /**
   * `auto` (default): an application that raises for the lifespan scope has none; `on`: that is an
   * error, and it does not start; `off`: it is not asked.
   */
  lifespan?: "auto" | "on" | "off";
  /** Where a line about a lifespan that fails while the application serves goes. Default: `console.error`. */
  errors?: ErrorStream;
}

/** A lifespan whose state scopes have a copy of. */
export interface StatefulLifespan extends Lifespan {
  /** `undefined` before the startup, and for an application without a lifespan. */
  readonly state: Record<string, unknown> | undefined;
}

/** The one call of an application with the lifespan scope. Started anew after a shutdown, and after a failure. */
export function createLifespan(
  asgi: AsgiApplication,
  { lifespan: mode = "auto", errors = consoleErrors }: LifespanOptions,
): StatefulLifespan {
  let call: LifespanCall | undefined;
  let starting: Promise<void> | undefined;
  return {
    get state() {
      return call?.state;
    },
    startup() {
      if (mode === "off") {
        return DONE;
      }
      if (starting === undefined) {
        const begun = new LifespanCall(asgi, mode === "on", errors);
        call = begun;
        starting = begun.startup();
        starting.catch(() => {
          starting = undefined;
        });
      }
      return starting;
    },
    async shutdown() {
      const running = call;
      call = undefined;
      starting = undefined;
      await running?.shutdown();
    },
  };
}

const DONE: Promise<void> = Promise.resolve();

class LifespanCall {
  state: Record<string, unknown> | undefined = {};
  readonly #started = defer<void>();
  readonly #stopping = defer<void>();
  readonly #stopped = defer<void>();
  readonly #required: boolean;
  #step: "startup" | "serving" | "shutdown" | "over" = "startup";
  #received = 0;

  constructor(asgi: AsgiApplication, required: boolean, errors: ErrorStream) {
    this.#required = required;
    this.#stopped.promise.catch(ignore);
    const scope = {
      type: "lifespan",
      asgi: { version: "3.0", spec_version: "2.0" },
      state: this.state ?? {},
    } as const;
    run(() => asgi(scope, this.#receive, this.#send)).then(
      () => this.#ended(undefined, errors),
      (error: unknown) => this.#ended({ error }, errors),
    );
  }

  startup(): Promise<void> {
    return this.#started.promise;
  }

  shutdown(): Promise<void> {
    if (this.#step !== "serving") {
      return DONE;
    }
    this.#step = "shutdown";
    this.#stopping.resolve();
    return this.#stopped.promise;
  }

  readonly #receive = async (): Promise<AsgiReceiveEvent> => {
    this.#received++;
    if (this.#received === 1) {
      return { type: "lifespan.startup" };
    }
    await (this.#received === 2 ? this.#stopping.promise : never);
    return { type: "lifespan.shutdown" };
  };

  readonly #send = async (value: unknown): Promise<void> => {
    const event = asEvent(value);
    const { type } = event;
    const message = textOf(event, "message") ?? "";
    if (this.#step === "startup" && type === "lifespan.startup.complete") {
      this.#step = "serving";
      this.#started.resolve();
    } else if (this.#step === "startup" && type === "lifespan.startup.failed") {
      this.#fail("startup", this.#started, message);
    } else if (this.#step === "shutdown" && type === "lifespan.shutdown.complete") {
      this.#step = "over";
      this.#stopped.resolve();
    } else if (this.#step === "shutdown" && type === "lifespan.shutdown.failed") {
      this.#fail("shutdown", this.#stopped, message);
    } else {
      const step = this.#step === "shutdown" ? "shutdown" : "startup";
      throw outOfPlace(event, `"lifespan.${step}.complete" or "lifespan.${step}.failed", once`);
    }
  };

  #fail(step: string, deferred: Deferred<void>, message: string): void {
    this.#step = "over";
    deferred.reject(
      new DramError("ERR_LIFESPAN", `the ${step} of the application failed: ${quote(message)}`),
    );
  }

  /** The application has returned or raised. */
  #ended(failure: { error: unknown } | undefined, errors: ErrorStream): void {
    const step = this.#step;
    this.#step = "over";
    if (step === "startup") {
      // What ASGI calls not supported: serving goes on without.
      this.state = undefined;
      if (this.#required) {
        const cause = failure?.error;
        this.#started.reject(
          new DramError(
            "ERR_LIFESPAN",
            "the application has no lifespan, or failed in its startup",
            { cause },
          ),
        );
      } else {
        this.#started.resolve();
      }
    } else if (step === "shutdown") {
      if (failure === undefined) {
        this.#stopped.resolve();
      } else {
        this.#stopped.reject(failure.error);
      }
    } else if (step === "serving" && failure !== undefined) {
      new LineErrors(errors).write(
        `dram: the lifespan of the application failed: ${explain(failure.error)}\n`,
      );
    }
  }
}

const never: Promise<never> = new Promise(ignore);

/** Also for what throws before it returns a promise. */
async function run(call: () => Promise<void>): Promise<void> {
  await call();
}
