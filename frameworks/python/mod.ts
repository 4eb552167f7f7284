import type { Application } from "../../core/mod.ts";
import type { AsgiApplication } from "../asgi/mod.ts";
import { AsgiInterpreter } from "./asgi.ts";
import { createBoot } from "./boot.ts";
import { Interpreter } from "./interpreter.ts";
import { checkOptions, type PythonAsgiOptions, type PythonOptions } from "./options.ts";
import { respond } from "./respond.ts";

export { type PythonAsgiApplication, type PythonAsgiOptions, pythonAsgi } from "./asgi.ts";
export { prepare } from "./boot.ts";
export { gatewaySource, sourceId } from "./gatewaysource.ts";
export type { PythonAsgiOptions, PythonOptions } from "./options.ts";
export type {
  HostCrypto,
  LoadOptions,
  Pyodide,
  PyodideFiles,
  PythonRuntime,
  PythonSnapshot,
} from "./runtime.ts";

/** What `fromPython` makes. */
export type PythonApplication = Application & Ready;

/** What `pythonAsgi` makes. */
export type PythonAsgiApplication = AsgiApplication & Ready;

/** What can be started before it is needed. */
export interface Ready {
  /**
   * Starts Python and imports the application ahead of the first request, which does it otherwise.
   *
   * @throws {DramError} `ERR_PYTHON` with the traceback, if the application cannot be imported.
   */
  ready(): Promise<void>;
}

/**
 * Makes an application of a WSGI application in Python (Flask, Django, anything on Werkzeug), which
 * runs in Pyodide: CPython in WebAssembly, in this very process.
 *
 * Of environ, strings, numbers and booleans cross; what else there is (`dram.signal`, `dram.wait_until`,
 * the platform's own objects) stays behind. What Python raises is logged with its traceback and
 * answered 500.
 *
 * @throws {DramError} `ERR_OPTION`.
 */
export function fromPython(options: PythonOptions): PythonApplication {
  const settings = checkOptions(options);
  const boot = createBoot(
    settings,
    (python, runtime, giveUp) => new Interpreter(python, runtime, giveUp),
  );
  const application: Application = async (environ, startResponse) =>
    respond(await boot(), settings, environ, startResponse);
  return Object.assign(application, {
    ready: async () => {
      await boot();
    },
  });
}

/**
 * An ASGI application in Python (Starlette, anything on it), in Pyodide: for `fromAsgi` of `dram/asgi`,
 * which makes an application of it, with its WebSockets and its lifespan. It needs no JSPI. Requests
 * run together, as in any ASGI server; what frameworks give to threads is done at once.
 *
 * Of the scope's extensions, early hints, trailers, `websocket.http.response`, `tls` and
 * `dram.capabilities` cross.
 *
 * @throws {DramError} `ERR_OPTION`.
 */
export function pythonAsgi(options: PythonAsgiOptions): PythonAsgiApplication {
  const settings = checkOptions(options);
  const boot = createBoot(settings, (python, runtime) => new AsgiInterpreter(python, runtime));
  const application: AsgiApplication = async (scope, receive, send) =>
    (await boot()).call(scope, receive, send);
  return Object.assign(application, {
    ready: async () => {
      await boot();
    },
  });
}
