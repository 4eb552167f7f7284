import { test } from "vitest";

/** A test that cannot pass on a target yet. It runs all the same, and turns red when it passes. */
export interface KnownFailure {
  readonly target: string;
  /** The name of the test. */
  readonly test: string;
  readonly reason: string;
  /** Where it is reported, if the fault is not dram's. */
  readonly report?: string;
}

const KNOWN_FAILURES: readonly KnownFailure[] = [
  {
    target: "workerd",
    test: "/breaks: the client sees the break",
    reason:
      "workerd 2026-07-30 ends a chunked body that breaks as if it were whole. With Content-Length the client sees it.",
  },
  {
    target: "workerd",
    test: "a client that leaves while nothing is produced aborts dram.signal",
    reason:
      "workerd 2026-07-30 learns that the client has left only when the next chunk is refused; neither the signal nor the stream tells before.",
    report: "https://github.com/cloudflare/workerd/issues/6832",
  },
  {
    target: "workerd",
    test: "I17 an invalid Content-Length is refused with 400",
    reason: "workerd 2026-07-30 refuses it itself, before the Worker is called, but with 500.",
  },
];

/** Why a test cannot pass on a target yet. */
export function knownFailure(target: string, name: string): KnownFailure | undefined {
  return KNOWN_FAILURES.find((failure) => failure.target === target && failure.test === name);
}

/** `test` for one target: an expected failure where one is known. */
export function testOn(target: string): (name: string, body: () => unknown) => void {
  return (name, body) => {
    (knownFailure(target, name) ? test.fails : test)(name, body);
  };
}
