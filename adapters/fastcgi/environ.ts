import {
  type CgiGateway,
  createCgiEnviron,
  DramError,
  type Environ,
  type ErrorStream,
  type RequestLine,
} from "../../core/mod.ts";
import { MAX_PARAMS } from "./limits.ts";
import type { FastcgiRequest } from "./request.ts";

/**
 * The environ of a request.
 *
 * @throws {DramError} For a malformed request.
 */
export function toEnviron(
  request: FastcgiRequest,
  gateway: CgiGateway,
  errors: ErrorStream,
  waitUntil: RequestLine["waitUntil"],
): Environ {
  if (request.params.isTooLarge) {
    throw new DramError(
      "ERR_REQUEST_HEADERS_TOO_LARGE",
      `the request has more than ${MAX_PARAMS} bytes of meta-variables`,
    );
  }
  const { variables } = request;
  const { environ, fields } = createCgiEnviron(gateway, { variables, waitUntil, errors });
  environ["dram.signal"] = request.signal;
  fields.finish(() => request.openBody());
  return environ;
}
