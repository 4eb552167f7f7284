import { isDeepStrictEqual } from "node:util";
import type { Answer } from "./answer.ts";
import type { State } from "./application.ts";
import type { Expected } from "./corpus.ts";

/** What was seen of a case. */
export interface Observed {
  readonly answer: Answer;
  /** What the application has seen; `calls` is 0 if it was not called. */
  readonly state: State;
  readonly log: readonly string[];
  /** The answer to the next request. */
  readonly next: Answer;
}

/** What is wrong, a line each; a field that nobody checks is wrong, too. */
export function faultsOf(expected: Expected, observed: Observed): string[] {
  return Object.entries({ alive: true, ...expected }).flatMap(([field, wanted]) => {
    if (ANNOTATIONS.has(field)) {
      return [];
    }
    const check = CHECKS[field];
    if (check === undefined) {
      return [`${field}: no check for this field`];
    }
    const found = check(asWanted(wanted), observed, expected);
    return found === undefined
      ? []
      : [`${field}: found ${JSON.stringify(found)}, wanted ${JSON.stringify(wanted)}`];
  });
}

/** For readers, for the choice of targets, or alternatives that another field's check looks at. */
const ANNOTATIONS = new Set([
  "note",
  "platforms",
  "alt",
  "alt_status",
  "alt_truncation",
  "alb_single_header_exception",
  "environ_alt",
  "alt_ok",
  "rejects_or_status",
]);

/** What was found, if it is not what was wanted. */
type Check = (wanted: never, observed: Observed, expected: Expected) => unknown;

const CHECKS: Readonly<Record<string, Check>> = {
  status(
    wanted: number | readonly number[],
    { answer },
    { alt_truncation, rejects_or_status: mayReject },
  ) {
    const ok =
      [wanted].flat().includes(answer.status) ||
      (alt_truncation && !answer.complete) ||
      (mayReject && answer.rejection !== undefined);
    return ok ? undefined : answer.status;
  },
  app_called: (wanted: boolean, { state }) =>
    state.calls === (wanted ? 1 : 0) ? undefined : `${state.calls} calls`,
  max_app_calls: (wanted: number, { state }) => (state.calls <= wanted ? undefined : state.calls),
  close_count: (wanted: number, { state }) => (state.closed === wanted ? undefined : state.closed),
  input_error: (wanted: boolean, { state }) =>
    state.inputErrors === (wanted ? 1 : 0) ? undefined : `${state.inputErrors} errors`,
  alive: (_wanted: true, { next }) => (next.status === 200 ? undefined : next.status),
  no_pollution: (_wanted: true, { state }) =>
    state.polluted.length === 0 ? undefined : state.polluted,

  environ(wanted: Record<string, string>, { state }, { environ_alt }) {
    const found = pick(state.environ, Object.keys(wanted));
    return isDeepStrictEqual(found, wanted) || isDeepStrictEqual(found, environ_alt)
      ? undefined
      : found;
  },
  environ_if_called(wanted: Record<string, string>, { state }) {
    const found = pick(state.environ, Object.keys(wanted));
    return state.calls === 0 || isDeepStrictEqual(found, wanted) ? undefined : found;
  },
  environ_re(wanted: Record<string, string>, { state }) {
    const wrong = Object.entries(wanted).filter(
      ([key, pattern]) => !new RegExp(pattern).test(state.environ[key] ?? ""),
    );
    return state.calls === 0 || wrong.length === 0 ? undefined : state.environ;
  },
  environ_not(wanted: Record<string, string>, { state }) {
    const wrong = Object.entries(wanted).filter(([key, value]) => state.environ[key] === value);
    return wrong.length === 0 ? undefined : Object.fromEntries(wrong);
  },
  environ_absent(wanted: readonly string[], { state }) {
    const { keys, inherited } = state;
    const wrong = wanted.filter((key) => keys.includes(key) || inherited.includes(key));
    return wrong.length === 0 ? undefined : wrong;
  },

  /** The state tells of the last request of a sequence. */
  second_environ_absent(wanted: readonly string[], { state }) {
    const wrong = wanted.filter((key) => state.keys.includes(key));
    return state.calls === 2 && wrong.length === 0 ? undefined : { calls: state.calls, wrong };
  },

  connection_closed: (_wanted: true, { answer }) => (answer.closed ? undefined : "still open"),
  connection_closed_after_idle: (_wanted: true, { answer, log }) =>
    answer.closed && log.some((line) => line.includes("nothing has come"))
      ? undefined
      : { closed: answer.closed, log },
  end_request_status: (wanted: number, { answer }) => differing(answer.endStatus, wanted),

  body: (wanted: string, { answer }) => differing(answer.body.toString("utf8"), wanted),
  body_b64: (wanted: string, { answer }) => differing(answer.body.toString("base64"), wanted),
  body_re(wanted: string, { answer }) {
    const body = answer.body.toString("utf8");
    return new RegExp(wanted).test(body) ? undefined : body;
  },
  /** Of the request, where the application has counted it; else of the response. */
  body_len: (wanted: number, { answer }) =>
    differing(countOf(answer) ?? answer.body.length, wanted),
  body_len_if_called: (wanted: number, { answer, state }) =>
    state.calls === 0 ? undefined : differing(countOf(answer), wanted),
  wire_body_len_max: (wanted: number, { answer }) =>
    answer.body.length <= wanted ? undefined : answer.body.length,
  truncation_visible: (_wanted: true, { answer }, { alt_status }) =>
    !answer.complete ||
    [alt_status].flat().includes(answer.status) ||
    (answer.buffered && answer.status === 500)
      ? undefined
      : `a complete body of ${answer.body.length} bytes, status ${answer.status}`,

  wire_absent(wanted: readonly string[], { answer }) {
    const wrong = answer.headers.filter(([name]) => wanted.includes(name));
    return wrong.length === 0 ? undefined : wrong;
  },
  wire_headers(wanted: Record<string, string>, { answer }) {
    const names = Object.keys(wanted);
    const found = Object.fromEntries(
      names.map((name) => [name, valuesOf(answer, name).join(", ")]),
    );
    return isDeepStrictEqual(found, wanted) ? undefined : found;
  },
  wire_join(wanted: Record<string, string[]>, { answer }) {
    const wrong = Object.entries(wanted).filter(
      ([name, values]) => valuesOf(answer, name).join(", ") !== values.join(", "),
    );
    return wrong.length === 0 ? undefined : answer.headers;
  },
  wire_not(wanted: Record<string, string>, { answer }) {
    const wrong = Object.entries(wanted).filter(([name, value]) =>
      valuesOf(answer, name).includes(value),
    );
    return wrong.length === 0 ? undefined : answer.headers;
  },
  /** All of them; or the first, and a line that names the others, where a header has one value. */
  set_cookies(wanted: readonly string[], { answer, log }) {
    const found = valuesOf(answer, "set-cookie");
    const [first, ...others] = wanted.map((cookie) => cookie.split("=", 1)[0]);
    const isTold = log.some(
      (line) =>
        line.includes("one value a header") && others.every((name) => line.includes(`"${name}"`)),
    );
    const expected = isTold && first !== undefined ? wanted.slice(0, 1) : wanted;
    return isDeepStrictEqual(found, expected) ? undefined : found;
  },
  single_framing(_wanted: true, { answer }) {
    const found = answer.headers.filter(([name]) =>
      ["content-length", "transfer-encoding"].includes(name),
    );
    return found.length <= 1 ? undefined : found;
  },

  /** Failing is one way to refuse an event, an answer with a line in the log the other. */
  rejects_naming(wanted: string, { answer, log }, { rejects_or_status: mayAnswer }) {
    const said = answer.rejection ?? (mayAnswer ? wanted : log.join("\n"));
    const isRefused = answer.rejection !== undefined || answer.status >= 400;
    return isRefused && new RegExp(wanted).test(said)
      ? undefined
      : (answer.rejection ?? answer.status);
  },
  log_re: (wanted: string, { log }) =>
    log.some((line) => new RegExp(wanted).test(line)) ? undefined : log,
  log_single_line(_wanted: true, { log }) {
    const wrong = log.filter((line) => /[\r\n]/.test(line));
    return wrong.length === 0 ? undefined : wrong;
  },
  no_leak(wanted: readonly string[], { answer }) {
    const text = `${JSON.stringify(answer.headers)}${answer.body.toString("latin1")}`;
    const wrong = wanted.filter((secret) => text.includes(secret));
    return wrong.length === 0 ? undefined : wrong;
  },
};

/** The fields of a corpus are of the types that the checks ask for, or the case is wrong. */
function asWanted(value: unknown): never {
  return value as never;
}

function differing<T>(found: T, wanted: T): T | null | undefined {
  return found === wanted ? undefined : (found ?? null);
}

function pick(record: Readonly<Record<string, string>>, keys: readonly string[]): unknown {
  return Object.fromEntries(keys.map((key) => [key, record[key]]));
}

function valuesOf({ headers }: Answer, lowerName: string): string[] {
  return headers.filter(([name]) => name === lowerName).map(([, value]) => value);
}

/** The length of the request body, as the echo tells it. */
function countOf({ status, headers, body }: Answer): number | undefined {
  const isEcho = status === 200 && headers.some(([, value]) => value === "application/json");
  const echo: { body_len?: number } = isEcho ? JSON.parse(body.toString("utf8")) : {};
  return echo.body_len;
}
