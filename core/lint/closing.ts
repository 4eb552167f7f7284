import { LINT_CLOSE_WAIT } from "../limits.ts";
import type { Body } from "../types.ts";
import type { Call } from "./call.ts";

/** The `close` of a body, watched, if it has one. */
export function closeOf(call: Call, body: Body, awaited: Closing): Pick<Body, "close"> {
  if (body.close === undefined) {
    return {};
  }
  return {
    close() {
      awaited.note();
      try {
        return body.close?.();
      } finally {
        call.end();
      }
    },
  };
}

/** Waits, once the iteration has stopped, for `close()`. */
export class Closing {
  #call: Call;
  #times = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(call: Call) {
    this.#call = call;
  }

  get closed(): boolean {
    return this.#times > 0;
  }

  note(): void {
    clearTimeout(this.#timer);
    this.#call.ask("close", { times: ++this.#times, waited: 0 });
  }

  expect(): void {
    if (this.#times > 0 || this.#timer !== undefined) {
      return;
    }
    this.#timer = setTimeout(() => {
      this.#call.ask("close", { times: 0, waited: LINT_CLOSE_WAIT });
    }, LINT_CLOSE_WAIT);
    release(this.#timer);
  }
}

/** A process need not stay for a timer. */
function release(timer: unknown): void {
  if (
    typeof timer === "object" &&
    timer !== null &&
    "unref" in timer &&
    typeof timer.unref === "function"
  ) {
    timer.unref();
  }
}
