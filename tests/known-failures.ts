import { test } from "vitest";

/** A test that cannot pass on a target yet. It runs all the same, and turns red when it passes. */
interface KnownFailure {
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
];

/** `test` for one target: an expected failure where one is known. */
export function testOn(target: string): (name: string, body: () => unknown) => void {
  return (name, body) => {
    const known = KNOWN_FAILURES.some(
      (failure) => failure.target === target && failure.test === name,
    );
    (known ? test.fails : test)(name, body);
  };
}
