import { isThenable } from "../thenable.ts";
import type { Application, Body, Environ, StartResponse } from "../types.ts";
import { observeBody } from "./body.ts";
import { Call, type Report } from "./call.ts";
import type { Recording } from "./recording.ts";
import { observeStartResponse } from "./startresponse.ts";
import { observeStreams } from "./streams.ts";

/**
 * Calls an application with everything around it watched. The answer is a promise only if the
 * application's is.
 *
 * @param instead For stress mode: the environ that the application gets, and where to note what it
 *   answers.
 */
export function observe(
  application: Application,
  environ: Environ,
  startResponse: StartResponse,
  report: Report,
  instead?: { environ: Environ; recording: Recording },
): Body | Promise<Body> {
  const call = new Call(environ, startResponse, report, instead?.recording);
  const given = instead?.environ ?? environ;
  const ended = <Result>(step: () => Result): Result => {
    try {
      return step();
    } catch (error) {
      call.end();
      throw error;
    }
  };
  const returned = ended(() => {
    call.ask("environ", environ);
    call.relate(environ);
    call.relate(given);
    observeStreams(call, given);
    return application(given, observeStartResponse(call, startResponse));
  });
  return isThenable(returned)
    ? Promise.resolve(returned).then(
        (body) => ended(() => observeBody(call, body)),
        (error: unknown) =>
          ended(() => {
            throw error;
          }),
      )
    : ended(() => observeBody(call, returned));
}
