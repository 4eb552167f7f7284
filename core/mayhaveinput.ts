import { Input } from "./input.ts";
import type { Environ } from "./types.ts";

/**
 * Whether a request may have a body, for a bridge to what wants to know it beforehand. Opens the
 * body, but reads nothing of it.
 */
export function mayHaveInput(environ: Environ): boolean {
  const { CONTENT_LENGTH: length, REQUEST_METHOD: method, "wsgi.input": input } = environ;
  // CGI servers give an empty CONTENT_LENGTH where there is none (RFC 3875 §4.1.2).
  if (length !== undefined && length !== "") {
    return length !== "0";
  }
  return input instanceof Input ? !input.isAbsent : method !== "GET" && method !== "HEAD";
}
