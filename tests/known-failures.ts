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
  ...[
    "T06 raw-absolute-form",
    "T06 raw-absolute-https",
    "T06 raw-asterisk-get",
    "T07 raw-host-badhost",
    "T07 raw-host-markup",
    "T07 raw-host-userinfo",
    "T08 raw-cl-list",
    "T08 raw-cl-plus",
    "T08 raw-cl-underscore-digits",
    "T08 raw-dup-cl-differ",
    "T08 raw-dup-cl-same",
    "T08 raw-te-chunked-identity",
    "T08 raw-te-gzip-chunked",
    "T08 raw-te-xchunked",
  ].map((name) => ({
    target: "workerd",
    test: name,
    reason:
      "workerd refuses the request itself, before a Worker is called, with 500 where 400 is due. Cloudflare's edge stands before it.",
  })),
  {
    target: "workerd",
    test: "T08 raw-te-http10",
    reason:
      "workerd decodes Transfer-Encoding in HTTP/1.0, and does not tell a Worker the version of the request.",
  },
  {
    target: "workerd",
    test: "T09 raw-cookie-two-lines",
    reason:
      "workerd joins two Cookie lines with a comma before a Worker sees them; a comma may be part of a value, so nobody can undo it.",
  },
  {
    target: "workerd",
    test: "T10 raw-hdr-latin1",
    reason: "workerd decodes header values as UTF-8 and replaces every byte that is none.",
    report: "https://github.com/cloudflare/workerd/issues/6927",
  },
  {
    target: "workerd",
    test: "T15 a-throw-mid-stream",
    reason: "workerd 2026-07-30 ends a chunked body that breaks as if it were whole.",
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
