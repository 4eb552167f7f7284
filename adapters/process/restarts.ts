import { FIRST_DELAY, MAX_DELAY, SETTLED_TIME } from "./limits.ts";

/** When to start another process for one that has died: later each time that one dies soon. */
export class Restarts {
  #earlyEnds = 0;

  /**
   * @param lifetime Milliseconds of service; 0 if there were none.
   * @returns Milliseconds to wait.
   */
  delay(lifetime: number): number {
    this.#earlyEnds = lifetime < SETTLED_TIME ? this.#earlyEnds + 1 : 0;
    // The first one may be chance.
    return this.#earlyEnds < 2 ? 0 : Math.min(FIRST_DELAY * 2 ** (this.#earlyEnds - 2), MAX_DELAY);
  }
}
