import { run } from "../exchange.ts";
import { createGateway, type Platform } from "../gateway.ts";
import { Input } from "../input.ts";
import { STRESS_BODY, STRESS_CHUNKS, STRESS_TIMEOUT } from "../limits.ts";
import type { BodyStream, GatewayResponse } from "../response.ts";
import { ignore } from "../thenable.ts";
import type { Application, Environ, ErrorStream } from "../types.ts";
import { observe } from "./observe.ts";
import { Recording } from "./recording.ts";
import type { Replay } from "./replay.ts";

/** How a further run of a request went. */
export interface Shadow {
  readonly recording: Recording;
  /** The gateway's line about the first thing that went wrong. */
  readonly failure: string | undefined;
  /** It came to its end in time. */
  readonly settled: boolean;
  /** Its body came chunk by chunk. */
  readonly streamed: boolean;
}

/**
 * Answers a request once more, with an environ and a log of its own, on a gateway that sends
 * nothing.
 *
 * @param request Complete; the gateway's.
 * @param own What the application gets; its streams are replaced.
 * @param truncate Leave after the first chunk, as a client does.
 */
export async function shadow(
  application: Application,
  request: Environ,
  own: Environ,
  replay: Replay,
  options: { truncate?: boolean } = {},
): Promise<Shadow> {
  const lines: string[] = [];
  const errors: ErrorStream = {
    write: (text) => void lines.push(text),
    writelines: (texts) => void lines.push(...texts),
    flush: ignore,
  };
  const waiting: Promise<unknown>[] = [];
  const waitUntil = (promise: Promise<unknown>): void => {
    waiting.push(promise.catch(ignore));
  };
  const streams = {
    "wsgi.input": new Input(() => replay.open(), {
      announced: undefined,
      limit: Number.POSITIVE_INFINITY,
    }),
    "wsgi.errors": errors,
  };
  const environ = { ...request, ...streams, "dram.wait_until": waitUntil };
  Object.assign(own, streams, "dram.wait_until" in own ? { "dram.wait_until": waitUntil } : {});
  const recording = new Recording();
  const responding = run(
    (_environ, startResponse) =>
      observe(application, own, startResponse, ignore, { environ: own, recording }),
    environ,
    createGateway({ errors }, PLATFORM),
  );
  let taken = { settled: false, streamed: false };
  let response: GatewayResponse | undefined;
  const settled = await inTime(
    (async () => {
      response = await responding;
      taken = await take(response, options.truncate === true);
      if (options.truncate === true) {
        // The end of the body is among what the gateway asks to wait for.
        await Promise.all(waiting);
      }
    })(),
  );
  if (!settled) {
    streamOf(response)?.cancel();
  }
  const failure = lines.find((line) => line.startsWith("dram: "))?.slice(6, 500);
  return { recording, failure: failure?.trimEnd(), ...taken, settled: settled && taken.settled };
}

/** Whether something settles before it is given up. */
export async function inTime(something: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), STRESS_TIMEOUT);
  });
  try {
    return await Promise.race([something.then(() => true), timeout]);
  } finally {
    clearTimeout(timer);
  }
}

async function take(
  response: GatewayResponse,
  truncate: boolean,
): Promise<{ settled: boolean; streamed: boolean }> {
  const body = streamOf(response);
  if (body === undefined) {
    return { settled: true, streamed: false };
  }
  try {
    return { settled: await drain(body, truncate), streamed: true };
  } catch {
    // The gateway has logged it.
    return { settled: true, streamed: true };
  }
}

function streamOf(response: GatewayResponse | undefined): BodyStream | undefined {
  const body = response?.body ?? "";
  return typeof body === "string" || !("next" in body) ? undefined : body;
}

/** Takes a body, but no endless one; or its first chunk only. */
async function drain(body: BodyStream, truncate: boolean): Promise<boolean> {
  let size = 0;
  for (let count = 0; count < STRESS_CHUNKS && size < STRESS_BODY; count++) {
    const chunk = await body.next();
    if (chunk === null) {
      return true;
    }
    if (truncate) {
      body.cancel();
      return true;
    }
    size += chunk.length;
  }
  body.cancel();
  return false;
}

const PLATFORM: Platform = {
  name: "lint",
  capabilities: Object.freeze({
    streaming: true,
    reason: true,
    disconnect: true,
    trailers: false,
    earlyHints: false,
    latin1Headers: true,
    rawTarget: true,
  }),
  multithread: true,
  multiprocess: true,
  runOnce: false,
  headerDecoding: "latin1",
  targetDecoding: "latin1",
  maxBodySize: Number.POSITIVE_INFINITY,
};
