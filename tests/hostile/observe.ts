import { until } from "../targets/target.ts";
import type { Answer } from "./answer.ts";
import type { Probe, State } from "./application.ts";
import type { Observed } from "./check.ts";
import { expand, type Header, type Hostile, type Input } from "./corpus.ts";
import type { Manner } from "./deliver.ts";
import type { Running } from "./targets.ts";

/**
 * Sends one case and gathers what there is to be seen of it.
 *
 * @param attempts How often to try again where a reset has taken the answer with it: that is chance.
 */
export async function observe(
  running: Running,
  one: Hostile,
  manner: Manner,
  attempts = 5,
): Promise<Observed> {
  await stateOf(running, "DELETE");
  const from = running.log.length;
  const answer = await send(running, one, manner);
  if (answer.status === 0 && answer.reset === true && attempts > 1) {
    return observe(running, one, manner, attempts - 1);
  }
  let state = await stateOf(running);
  await until(async () => {
    state = await stateOf(running);
    return state.closed >= state.opened && hasLogged(one, running.log.slice(from));
  }, 2000).catch(() => {
    // What is missing is told by the checks.
  });
  const next = await running.send({ path: "/" });
  return { answer, state, log: running.log.slice(from), next };
}

/** What has to be the same, however the bytes came. */
export function seenOf({ answer, state }: Observed): unknown {
  const { REMOTE_PORT: _, ...environ } = state.environ;
  return { status: answer.status, ...state, environ };
}

async function send(running: Running, one: Hostile, manner: Manner): Promise<Answer> {
  const { raw, half_close, probe, request, event, event_json, headers = [] } = one.input;
  const { hex, sequence, env } = one.input;
  if (raw !== undefined) {
    const halfClose = half_close ?? one.expected.input_error === true;
    return sendRaw(running, expand(raw), manner, one.id, halfClose);
  }
  if (hex !== undefined) {
    return sendRaw(running, Buffer.from(hex, "hex").toString("latin1"), manner, one.id, false);
  }
  if (sequence !== undefined) {
    return invoke(running, sequence);
  }
  if (request !== undefined) {
    if (running.fetch === undefined) {
      throw new Error("the target takes no Fetch requests");
    }
    return running.fetch(toRequest(request));
  }
  if (event !== undefined || event_json !== undefined) {
    return invoke(running, event ?? JSON.parse(event_json ?? ""));
  }
  if (env !== undefined) {
    return invoke(running, one.input);
  }
  const { method = "GET" } = probe ?? {};
  return running.send({ method, path: "/", headers: [...headers, ...instruction(probe)] });
}

async function sendRaw(
  running: Running,
  raw: string,
  manner: Manner,
  seed: string,
  halfClose: boolean,
): Promise<Answer> {
  if (running.deliver === undefined) {
    throw new Error("the target takes no bytes");
  }
  return running.deliver(raw, manner, seed, { halfClose });
}

async function invoke(running: Running, event: unknown): Promise<Answer> {
  if (running.invoke === undefined) {
    throw new Error("the target takes no events");
  }
  return running.invoke(event);
}

function instruction(probe: Probe | undefined): Header[] {
  return probe === undefined
    ? []
    : [["X-Probe", Buffer.from(JSON.stringify(probe)).toString("base64url")]];
}

function toRequest({ url, method = "GET", headers = [], body_stream }: RequestInput): Request {
  const { chunk = 0, error_after = 0 } = body_stream ?? {};
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent++ === error_after) {
        controller.error(new Error("the client has left"));
      } else {
        controller.enqueue(new Uint8Array(chunk));
      }
    },
  });
  const init = { method, headers };
  return new Request(url, body_stream === undefined ? init : { ...init, body, duplex: "half" });
}

type RequestInput = NonNullable<Input["request"]>;

async function stateOf(running: Running, method = "GET"): Promise<State> {
  const { body } = await running.send({ method, path: "/~state" });
  return JSON.parse(body.toString("utf8"));
}

/** The log of a process comes on its own way. */
function hasLogged({ expected }: Hostile, log: readonly string[]): boolean {
  const { log_re } = expected;
  return typeof log_re !== "string" || log.some((line) => new RegExp(log_re).test(line));
}
