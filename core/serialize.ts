import { closing } from "./body.ts";
import { ignore } from "./thenable.ts";
import type { Application, Body } from "./types.ts";

/**
 * Runs one request at a time, from the call of the application to the `close()` of its body, for
 * an application that keeps state between two awaits (PEP 3333, "Thread Support"). Requests wait
 * in the order they came; `wsgi.multithread` is false.
 */
export function serialize(application: Application): Application {
  let last: Promise<void> = Promise.resolve();
  return async (environ, startResponse): Promise<Body> => {
    const earlier = last;
    let done: () => void = ignore;
    last = new Promise((resolve) => {
      done = resolve;
    });
    await earlier;
    environ["wsgi.multithread"] = false;
    try {
      return closing(await application(environ, startResponse), done);
    } catch (error) {
      done();
      throw error;
    }
  };
}
