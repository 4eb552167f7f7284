import type { Application } from "../../core/mod.ts";
import { start } from "./boot.ts";
import { defaultRuntime } from "./default.ts";
import { Interpreter } from "./interpreter.ts";
import { checkOptions, type PythonOptions, type Settings } from "./options.ts";
import { respond } from "./respond.ts";

export { type PythonAsgiApplication, type PythonAsgiOptions, pythonAsgi } from "./asgi.ts";
export { prepare } from "./boot.ts";
export { gatewaySource, sourceId } from "./gatewaysource.ts";
export { isApp, type PythonOptions } from "./options.ts";
export type {
  AsgiHostModule,
  Begun,
  Head,
  HostCrypto,
  HostModule,
  LoadOptions,
  Pyodide,
  PyodideFiles,
  PythonFunction,
  PythonRuntime,
  PythonSnapshot,
  Raised,
} from "./runtime.ts";

/** What `fromPython` makes. */
export type PythonApplication = Application & {
  /**
   * Starts Python and imports the application ahead of the first request, which does it otherwise.
   *
   * @throws {DramError} `ERR_PYTHON` with the traceback, if the application cannot be imported.
   */
  ready(): Promise<void>;
};

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
  let current: Promise<Interpreter> | undefined;
  const boot = (): Promise<Interpreter> => {
    if (current === undefined) {
      const started = createInterpreter(settings, () => {
        if (current === started) {
          current = undefined;
        }
      });
      current = started;
    }
    return current;
  };
  const application: Application = async (environ, startResponse) =>
    respond(await boot(), settings, environ, startResponse);
  return Object.assign(application, {
    ready: async () => {
      await boot();
    },
  });
}

/** @param giveUp Told that the next request has to start another one. */
async function createInterpreter(settings: Settings, giveUp: () => void): Promise<Interpreter> {
  try {
    const runtime = settings.runtime ?? (await defaultRuntime());
    const python = await start(runtime, settings);
    return new Interpreter(python, runtime, giveUp);
  } catch (error) {
    giveUp();
    throw error;
  }
}
