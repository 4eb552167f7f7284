import type { IncomingMessage, ServerResponse } from "node:http";
import type { Application } from "../../core/mod.ts";
import { Answer } from "./answer.ts";
import { toResponse } from "./connection.ts";
import { toRequest } from "./request.ts";
import { ListenerSocket } from "./socket.ts";

export { environOf } from "./request.ts";

/**
 * A listener of "request", as `createServer` takes it: Express, `app.callback()` of Koa,
 * `app.routing` of Fastify, or a function of your own. What it returns is not used, but a promise
 * that rejects is an error as one that is thrown.
 */
export type RequestListener = (request: IncomingMessage, response: ServerResponse) => unknown;

/**
 * Makes an application of a Node request listener, which is given Node's own `IncomingMessage` and
 * `ServerResponse`. `environOf(request)` is the way back to environ, and by it to the platform.
 *
 * Below a mount, `request.url` is what follows SCRIPT_NAME, with `baseUrl` and `originalUrl` beside
 * it, as Express has them in an application that is mounted by `use`.
 *
 * An error that the listener throws is answered 500, or logged behind a complete response. A connection that it destroys breaks the
 * response. It sees a client that leaves as Node tells it: "aborted" and "close".
 */
export function fromNode(listener: RequestListener): Application {
  return (environ, startResponse) => {
    const answer = new Answer(environ, startResponse);
    const socket = new ListenerSocket(environ, answer);
    const request = toRequest(environ, socket);
    const response = toResponse(request, socket, answer);
    const fail = (error: unknown): void => {
      if (answer.isComplete) {
        answer.log(error);
      } else {
        socket.fail(error);
      }
    };
    try {
      const returned = listener(request, response);
      if (returned instanceof Promise) {
        returned.catch(fail);
      }
    } catch (error) {
      fail(error);
    }
    return answer.toBody(() => socket.destroy());
  };
}
