import { type Application, type Environ, type Gateway, run } from "../../core/mod.ts";
import type { WorkerNative } from "./environ.ts";
import { fromResponse } from "./response.ts";

/** The stub of a Durable Object: the part that the gateway uses. */
export interface WorkerObjectStub {
  /** Sends a request to the object. */
  fetch(request: Request): Promise<Response>;
}

/** Gives the object that a request for a WebSocket is for; `undefined` leaves it to the application. */
export type ObjectOf = (environ: Environ, env: never) => WorkerObjectStub | undefined;

/**
 * Sends a request for a WebSocket, as it came, to its Durable Object, whose answer is the answer. An
 * error is answered and logged as one of the application's own.
 */
export async function forward(
  application: Application,
  objectOf: ObjectOf,
  environ: Environ,
  request: Request,
  native: WorkerNative,
  gateway: Gateway,
): Promise<Response> {
  let answer: Response | undefined;
  const ask: Application = async (ownEnviron, startResponse) => {
    // Of the type that the Worker's author says: nobody else knows the bindings.
    const stub = objectOf(ownEnviron, native.env as never);
    if (stub === undefined) {
      return application(ownEnviron, startResponse);
    }
    answer = await stub.fetch(request);
    // Never sent: it ends the exchange in good order.
    startResponse("204 No Content", []);
    return [];
  };
  const response = await run(ask, environ, gateway);
  return answer ?? fromResponse(response, request, native);
}
