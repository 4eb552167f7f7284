import {
  type Application,
  type CgiGateway,
  type CgiOptions,
  createCgiGateway,
  type Environ,
  LineErrors,
  type Platform,
  refuse,
  run,
} from "../../core/mod.ts";
import { Client } from "./client.ts";
import { toEnviron } from "./environ.ts";
import { endAfter } from "./process.ts";
import { fromResponse } from "./response.ts";

export type { CgiOptions } from "../../core/mod.ts";

/**
 * Answers the one request that a web server has started this process for (CGI, RFC 3875), and ends
 * the process: with 0, or with 1 if the application failed or the server stopped it. Standard output
 * is the response; whatever else is written to `process.stdout`, `console.log` included, goes to
 * standard error, which web servers log.
 *
 * Not started by a web server, it says so and ends the process with 64 (EX_USAGE).
 *
 * A body that breaks off ends with a line in the log and the exit code 1, which no web server looks
 * at: CGI cannot tell. With a Content-Length the client sees it, under Apache httpd only with
 * `SetEnv ap_trust_cgilike_cl yes`.
 *
 * @throws {DramError} `ERR_OPTION` for a malformed option.
 */
export function serveCgi(application: Application, options: CgiOptions = {}): void {
  const gateway = createCgiGateway(options, PLATFORM);
  if (process.env.GATEWAY_INTERFACE === undefined) {
    console.error(
      "dram: this is a CGI program, to be started by a web server: GATEWAY_INTERFACE is not set",
    );
    process.exit(64);
  }
  const client = new Client();
  // HTTP clients in this process would obey it, and a server may have made it of a header (httpoxy).
  delete process.env.HTTP_PROXY;
  endAfter(() => answer(application, client, gateway), client, new LineErrors(gateway.errors));
}

async function answer(
  application: Application,
  client: Client,
  gateway: CgiGateway,
): Promise<boolean> {
  let environ: Environ;
  try {
    environ = toEnviron(client, gateway);
  } catch (error) {
    client.input.cancel();
    return fromResponse(refuse(error, gateway), client);
  }
  return fromResponse(await run(application, environ, gateway), client);
}

const PLATFORM: Platform = {
  name: "cgi",
  capabilities: Object.freeze({
    streaming: true,
    reason: true,
    disconnect: true,
    trailers: false,
    earlyHints: false,
    latin1Headers: true,
    rawTarget: true,
  }),
  multithread: false,
  multiprocess: true,
  runOnce: true,
  headerDecoding: "latin1",
  targetDecoding: "latin1",
  maxBodySize: Number.POSITIVE_INFINITY,
};
