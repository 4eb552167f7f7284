import { type ErrorStream, encodeUtf8 } from "../../core/mod.ts";
import { frame } from "./frames.ts";
import { STDERR } from "./records.ts";
import type { FastcgiRequest } from "./request.ts";

/**
 * The log of one request: STDERR records, a line each, which the web server writes into its own
 * error log.
 *
 * @param behind Takes the lines that come when the request has ended.
 */
export function stderrOf(request: FastcgiRequest, behind: ErrorStream): ErrorStream {
  return {
    write(text) {
      if (request.connection.has(request)) {
        request.hasErrors = true;
        request.connection.send(request, frame(STDERR, request.id, encodeUtf8(text)));
      } else {
        behind.write(text);
      }
    },
    writelines() {},
    flush() {},
  };
}
