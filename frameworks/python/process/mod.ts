import {
  type Body,
  EMPTY,
  type Environ,
  type ExtendedApplication,
  extension,
  isDisconnect,
  mayHaveInput,
  type StartResponse,
  text,
} from "../../../core/mod.ts";
import { crossing } from "../crossing.ts";
import { gatewaySource } from "../gatewaysource.ts";
import { smallBody } from "../smallbody.ts";
import { Call } from "./call.ts";
import { Exchange } from "./exchange.ts";
import { FRAME, pack } from "./frames.ts";
import { checkOptions, type PythonProcessOptions } from "./options.ts";
import { Pool } from "./pool.ts";
import { workerSource } from "./workersource.ts";

export {
  type PythonProcessAsgiApplication,
  type PythonProcessAsgiOptions,
  pythonProcessAsgi,
} from "./asgi.ts";
export type { PythonProcessOptions } from "./options.ts";

/** An application whose processes can be started and ended. */
export type PythonProcessApplication = ExtendedApplication &
  AsyncDisposable & {
    /**
     * Starts the processes ahead of the first request, which does it otherwise. `serve` of `dram/node`
     * does, too, unless a middleware is around the application.
     *
     * @throws {DramError} `ERR_PYTHON` with the traceback, if the application cannot be imported.
     */
    ready(): Promise<void>;
    /**
     * Ends the processes when they have answered what they have in hand, within 10 s. They end with this
     * process in any case.
     */
    close(): Promise<void>;
  };

/**
 * Makes an application of a WSGI application in Python (Flask, Django, anything on Werkzeug), which
 * runs in processes of CPython beside this one: Node only.
 *
 * Of environ, strings, numbers and booleans cross. A process that dies takes with it what it has in
 * hand, answered 502 if nothing has been sent, and is replaced.
 *
 * @throws {DramError} `ERR_OPTION`.
 */
export function fromPythonProcess(options: PythonProcessOptions): PythonProcessApplication {
  const settings = checkOptions(options);
  const { workers, threads, timeout } = settings;
  const pool = new Pool(settings, { modules: MODULES, calls: threads });
  const application = async (environ: Environ, startResponse: StartResponse): Promise<Body> => {
    const { "dram.signal": signal, "wsgi.errors": errors } = environ;
    try {
      const body = await (mayHaveInput(environ) ? smallBody(environ) : EMPTY);
      const call = await pool.open(
        (worker) => new Call(worker, timeout, (line) => errors.write(line)),
        signal,
      );
      if (call === undefined) {
        return refuseBusy(startResponse);
      }
      const type = body === undefined ? FRAME.requestStream : FRAME.request;
      const crossed = crossing(environ);
      if (workers > 1) {
        crossed["wsgi.multiprocess"] = true;
      }
      return await new Exchange(call, environ, startResponse).begin(
        type,
        ...pack(JSON.stringify(crossed), body ?? EMPTY),
      );
    } catch (error) {
      if (isDisconnect(error) && signal?.aborted) {
        // To nobody, and no fault of anyone's.
        startResponse("400 Bad Request", [], error);
        return [];
      }
      throw error;
    }
  };
  return Object.assign(application, {
    ready: () => pool.ready(),
    close: () => pool.close(),
    [Symbol.asyncDispose]: () => pool.close(),
    [extension]: { lifespan: { startup: () => pool.ready(), shutdown: () => pool.close() } },
  });
}

const MODULES = [
  ["dram_gateway", gatewaySource],
  ["dram_worker", workerSource],
] as const;

function refuseBusy(startResponse: StartResponse): Body {
  startResponse("503 Service Unavailable", [
    ["Content-Type", "text/plain; charset=utf-8"],
    ["Retry-After", "1"],
  ]);
  return text("Service Unavailable\n");
}
