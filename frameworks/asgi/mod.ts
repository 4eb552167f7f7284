import {
  type Application,
  DramError,
  describe,
  type ExtendedApplication,
  extension,
} from "../../core/mod.ts";
import type { FileOpener } from "./files.ts";
import { HttpExchange } from "./http.ts";
import { createLifespan, type LifespanOptions } from "./lifespan.ts";
import { httpScope } from "./scope.ts";
import type { AsgiApplication } from "./types.ts";
import { createHandlers } from "./websocket.ts";

export type { FileOpener } from "./files.ts";
export type { LifespanOptions } from "./lifespan.ts";
export { type ToAsgiOptions, toAsgi } from "./toasgi.ts";
export type * from "./types.ts";

/** How an ASGI application is run. */
export interface FromAsgiOptions extends LifespanOptions {
  /** Opens files for `http.response.pathsend`, which is an extension of the scope only with it. */
  open?: FileOpener;
}

/**
 * Makes an application of an ASGI application. Adapters that have WebSockets take them from it, too:
 * `serve(fromAsgi(asgi))`. Its lifespan is started by the adapter, or by the first request where the
 * adapter has no start; it is shut down where the adapter has an end.
 *
 * @throws {DramError} `ERR_OPTION` for what is no function.
 */
export function fromAsgi(
  asgi: AsgiApplication,
  options: FromAsgiOptions = {},
): ExtendedApplication {
  if (typeof asgi !== "function") {
    throw new DramError(
      "ERR_OPTION",
      `fromAsgi: the application is ${describe(asgi)}; wanted a function (scope, receive, send)`,
    );
  }
  const { open } = options;
  const lifespan = createLifespan(asgi, options);
  const application: Application = async (environ, startResponse) => {
    await lifespan.startup();
    const { state } = lifespan;
    const exchange = new HttpExchange(environ, startResponse, open);
    return exchange.run(asgi, httpScope(environ, { state, files: open !== undefined }));
  };
  return Object.assign(application, {
    [extension]: { lifespan, websocket: createHandlers(asgi, lifespan) },
  });
}
