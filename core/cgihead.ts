import { hasHeader } from "./headers.ts";
import type { GatewayResponse } from "./response.ts";

/**
 * The head of a response as a CGI program writes it (RFC 3875 §6.2), blank line included: a native
 * string, so its bytes are its code points. `Status` is always there, because a server makes a
 * redirect of a `Location` without it.
 *
 * @param length Bytes of the body, to be told unless the application has told it; `undefined` if
 *   they are not known.
 */
export function cgiHead(
  { status, reason, headers }: Pick<GatewayResponse, "status" | "reason" | "headers">,
  length: number | undefined,
): string {
  let head = reason === "" ? `Status: ${status}\r\n` : `Status: ${status} ${reason}\r\n`;
  for (const [name, value] of headers) {
    head += `${name}: ${value}\r\n`;
  }
  return length === undefined || hasHeader(headers, "content-length")
    ? `${head}\r\n`
    : `${head}Content-Length: ${length}\r\n\r\n`;
}
