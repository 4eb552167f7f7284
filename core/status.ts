import { memoize } from "./cache.ts";
import { DramError, describe, quote } from "./errors.ts";
import { CACHE_CAPACITY } from "./limits.ts";

export interface Status {
  readonly code: number;
  readonly reason: string;
}

/**
 * Takes a status line apart: three digits, one space, a reason without control characters
 * (PEP 3333, "The start_response() Callable"). The reason may be empty, the space may not.
 *
 * @throws {DramError} `ERR_STATUS`. Also outside 200 to 599: a Fetch API `Response` cannot have
 *   such a status, Node would send a broken 1xx, and 101 belongs to the upgrade extension.
 */
export function parseStatus(status: unknown): Status {
  if (typeof status !== "string") {
    throw new DramError(
      "ERR_STATUS",
      `startResponse: status is ${describe(status)}; wanted a string such as "200 OK"`,
    );
  }
  return knownStatus(status);
}

/**
 * Whether a response may carry bytes (RFC 9110 §6.4.1, §15.3.6): not to HEAD, not with 204, 205
 * or 304.
 */
export function mayHaveBody(code: number, isHead: boolean): boolean {
  return !isHead && code !== 204 && code !== 304 && code !== 205;
}

const knownStatus = memoize((status: string): Status => {
  if (!/^[2-5][0-9]{2} [\x20-\x7e\x80-\xff]*$/.test(status)) {
    throw new DramError(
      "ERR_STATUS",
      `startResponse: status is ${quote(status)}; wanted three digits from 200 to 599, one space and a reason`,
    );
  }
  return { code: Number(status.slice(0, 3)), reason: status.slice(4) };
}, CACHE_CAPACITY);
