/** Where an exchange stands. `closed`: its response is complete, or never will be. */
export type ExchangeState = "idle" | "started" | "committed" | "closed";

/** What a call of startResponse does in each state, without and with its third argument. */
export const START_RESPONSE: {
  readonly [state in ExchangeState]: {
    readonly plain: "set" | "refuse";
    readonly withError: "set" | "rethrow";
  };
} = {
  idle: { plain: "set", withError: "set" },
  started: { plain: "refuse", withError: "set" },
  committed: { plain: "refuse", withError: "rethrow" },
  closed: { plain: "refuse", withError: "rethrow" },
};

/** The error itself, whichever of its forms startResponse was given. */
export function original(error: unknown): unknown {
  // Python's sys.exc_info(): (type, value, traceback).
  if (Array.isArray(error) && error.length === 3) {
    return error[1];
  }
  if (
    typeof error === "object" &&
    error !== null &&
    !(error instanceof Error) &&
    "error" in error
  ) {
    return error.error;
  }
  return error;
}
