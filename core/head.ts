import type { GatewayResponse } from "./response.ts";
import type { HeaderList } from "./types.ts";

/** Status and headers as `startResponse` has accepted them. */
export interface Head {
  readonly status: number;
  readonly reason: string;
  readonly headers: HeaderList;
  readonly length: number | undefined;
}

/** A head with its Content-Length, where the application left it out and it is known. */
export function withLength(head: Head, inferred: number | undefined): Head {
  if (head.length !== undefined || inferred === undefined) {
    return head;
  }
  return {
    ...head,
    headers: [...head.headers, ["Content-Length", String(inferred)]],
    length: inferred,
  };
}

/**
 * HEAD keeps the length that GET would have, 304 the one it was given; 204 and 205 have none
 * (RFC 9110 §8.6, §15.3.6).
 */
export function withoutBody(
  head: Head,
  isHead: boolean,
  inferred: number | undefined,
): GatewayResponse {
  if (head.status === 204 || head.status === 205) {
    const headers = head.headers.filter(([name]) => name.toLowerCase() !== "content-length");
    return { ...head, headers, length: undefined, body: null };
  }
  return { ...withLength(head, isHead && head.status !== 304 ? inferred : undefined), body: null };
}
