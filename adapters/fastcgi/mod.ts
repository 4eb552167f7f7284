import {
  type Application,
  type CgiGateway,
  createCgiGateway,
  type Environ,
  type ErrorStream,
  type Platform,
  refuse,
  run,
} from "../../core/mod.ts";
import type { Lifetime } from "../process/mod.ts";
import { toEnviron } from "./environ.ts";
import { stderrOf } from "./errors.ts";
import type { FastcgiRequest } from "./request.ts";
import { fromResponse } from "./response.ts";
import { type FastcgiOptions, type FastcgiServer, listen } from "./serve.ts";

export type { FastcgiOptions, FastcgiServer } from "./serve.ts";

/**
 * Serves an application to a web server by FastCGI, as a responder, until it is stopped: by
 * `close()`, or by SIGTERM, SIGINT or SIGUSR1.
 *
 * Without `port`, `path` and `fd` it serves the socket that it was started with as its standard
 * input, as mod_fcgid and spawn-fcgi do.
 *
 * @returns Once it listens.
 * @throws {DramError} `ERR_OPTION` for a malformed option, and if it cannot listen there.
 */
export function serveFastcgi(
  application: Application,
  options: FastcgiOptions = {},
): Promise<FastcgiServer> {
  const gateway = createCgiGateway(options, PLATFORM);
  return listen(
    (lifetime) => createResponder(application, gateway, options.errors, lifetime),
    options,
  );
}

/** The flow of every request. */
function createResponder(
  application: Application,
  gateway: CgiGateway,
  log: ErrorStream | undefined,
  { waitUntil }: Lifetime<FastcgiRequest>,
): (request: FastcgiRequest) => void {
  return (request) => {
    const errors = log ?? stderrOf(request, gateway.errors);
    let environ: Environ;
    try {
      environ = toEnviron(request, gateway, errors, waitUntil);
    } catch (error) {
      fromResponse(refuse(error, gateway, errors), request);
      return;
    }
    const answer = run(application, environ, gateway);
    if (answer instanceof Promise) {
      answer.then((settled) => fromResponse(settled, request));
    } else {
      fromResponse(answer, request);
    }
  };
}

const PLATFORM: Platform = {
  name: "fastcgi",
  capabilities: Object.freeze({
    streaming: true,
    reason: true,
    disconnect: true,
    trailers: false,
    earlyHints: false,
    latin1Headers: true,
    rawTarget: true,
  }),
  multithread: true,
  // Others may listen on the same socket.
  multiprocess: true,
  runOnce: false,
  headerDecoding: "latin1",
  targetDecoding: "latin1",
  // The web server enforces its own.
  maxBodySize: Number.POSITIVE_INFINITY,
};
