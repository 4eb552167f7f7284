import type { Environ } from "../../core/mod.ts";

/**
 * Bytes of an announced body that is read before Python is asked, so that a client that sends it
 * slowly holds nothing: the buffer that nginx has for the same (client_body_buffer_size is 16 KiB there).
 */
const MAX_SMALL_BODY = 65_536;

/** @returns The body, read; `undefined` for one that the application is to ask for, part by part. */
export function smallBody({
  CONTENT_LENGTH: length,
  HTTP_EXPECT: expect,
  "wsgi.input": input,
}: Environ): Promise<Uint8Array> | undefined {
  // A client that waits for "100 Continue" is given it when the application reads.
  return length !== undefined && Number(length) <= MAX_SMALL_BODY && expect === undefined
    ? input.read()
    : undefined;
}
