import { type Application, type Environ, isThenable } from "../../core/mod.ts";
import { platformArguments } from "./arguments.ts";
import { type RequestOptions, toRequest } from "./request.ts";
import { answerWith } from "./response.ts";

export { type ExecutionContext, platformArguments } from "./arguments.ts";
export { type RequestOptions, toRequest } from "./request.ts";
export { sendResponse } from "./response.ts";

/**
 * What answers a `Request` with a `Response`: `app.fetch` of Hono, h3 and itty-router, the `fetch` of
 * a module Worker, a function of one's own. What else it takes is its own affair.
 */
export type FetchHandler = (request: Request, ...rest: never[]) => Response | Promise<Response>;

/** How a handler is called. */
export interface FromFetchOptions extends RequestOptions {
  /**
   * What the handler is called with after the request. Default: `platformArguments`, the environment
   * and the execution context that a handler gets on the platform itself.
   */
  arguments?: (environ: Environ) => readonly unknown[];
}

/**
 * Makes an application of a Fetch handler: `toLambda(fromFetch(app.fetch))`.
 *
 * Bodies are streamed both ways, each chunk as it is asked for. What breaks the request body is an
 * error to its reader; a client that leaves aborts `request.signal` and cancels the response's body,
 * once. A WebSocket upgrade is no response of WSGI: status 101 is refused.
 */
export function fromFetch(handler: FetchHandler, options: FromFetchOptions = {}): Application {
  const { arguments: argumentsOf = platformArguments } = options;
  return (environ, startResponse) => {
    const request = toRequest(environ, options);
    const response: unknown = handler(request, ...asArguments(argumentsOf(environ)));
    return isThenable(response)
      ? Promise.resolve(response).then((settled) => answerWith(settled, environ, startResponse))
      : answerWith(response, environ, startResponse);
  };
}

/** Not checked by types: what stands behind a handler's own parameters is for who calls `fromFetch` to know. */
function asArguments(list: readonly unknown[]): never[] {
  return list as never[];
}
