import { DramError } from "../../core/mod.ts";
import { checkGiven, isBoolean, isName, isObject, isPort, isTime } from "../process/mod.ts";
import type { ServeOptions } from "./serve.ts";

/**
 * Checks what `serve` takes beyond the options of every adapter.
 *
 * @throws {DramError} `ERR_OPTION`, naming the option, what was found and what was wanted.
 */
export function checkOptions(options: ServeOptions): void {
  checkGiven(options, "port", isPort, "a number from 0 (any that is free) to 65535");
  checkGiven(options, "host", isName, "a host name or address");
  checkGiven(options, "path", isName, "the path of a Unix socket");
  checkGiven(options, "tls", isObject, "an object with key and cert");
  checkGiven(options, "http2", isBoolean, "true or false");
  checkGiven(options, "signals", isBoolean, "true or false");
  checkGiven(options, "compress", isBoolean, "true or false");
  for (const name of TIMES) {
    checkGiven(options, name, isTime, "a whole number of milliseconds");
  }
  if (options.path !== undefined && options.port !== undefined) {
    throw new DramError("ERR_OPTION", "options port and path are given; wanted one of them");
  }
}

const TIMES = [
  "headersTimeout",
  "requestTimeout",
  "keepAliveTimeout",
  "idleTimeout",
  "graceTime",
  "pingInterval",
] as const;
