import { escapeControls, quote } from "./errors.ts";
import type { ErrorStream } from "./types.ts";

/**
 * Writes one line of the gateway's own about a request.
 *
 * @param errors The request's `wsgi.errors`, kept from before the application had the environ.
 * @param id What the platform calls the request, if it has a name for it.
 * @param message In one line: values from outside go through `quote`, errors through `explain`.
 */
export function logLine(
  errors: ErrorStream,
  method: string,
  uri: string,
  id: string | undefined,
  message: string,
): void {
  // What the application left unfinished is a line of its own.
  errors.flush();
  const request = id === undefined ? "" : ` (request ${quote(id)})`;
  errors.write(`dram: ${method} ${escapeControls(uri.slice(0, 200))}${request}: ${message}\n`);
}
