import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Environ, requestUri } from "dram";
import { toLambda } from "dram/lambda";
import { expect, test } from "vitest";
import { Log } from "../core/helpers.ts";
import { albMulti, albSingle, context, type Json, url, v1, v2 } from "./helpers.ts";
import { createProbe, type Probe } from "./probe.ts";

interface Case {
  readonly id: string;
  readonly platform: string;
  readonly threat: string;
  readonly input: { event?: unknown; event_json?: string; probe?: Probe };
  readonly expected: Expected;
}

/** What the corpus says of an outcome; its own `meta.semantics` tells how each is meant. */
interface Expected {
  app_called?: boolean;
  status?: number | number[];
  alt_status?: number[];
  alt_ok?: boolean;
  alt_truncation?: boolean;
  environ?: Record<string, string>;
  environ_alt?: Record<string, string>;
  environ_absent?: string[];
  environ_not?: Record<string, string>;
  environ_re?: Record<string, string>;
  environ_if_called?: Record<string, string>;
  rejects_naming?: string;
  body_len?: number;
  body_len_if_called?: number;
  body?: string;
  body_re?: string;
  body_b64?: string;
  close_count?: number;
  log_re?: string;
  no_leak?: string[];
  set_cookies?: string[];
  truncation_visible?: boolean;
  wire_absent?: string[];
  wire_headers?: Record<string, string>;
  wire_join?: Record<string, string[]>;
  wire_not?: Record<string, string>;
}

const { cases }: { cases: Case[] } = JSON.parse(
  readFileSync(join(import.meta.dirname, "../fixtures/hostile/lambda.json"), "utf8"),
);
const own = cases.filter(({ platform }) => platform.startsWith("lambda"));
const any = cases.filter(({ platform }) => platform === "any");

const PROBED: readonly (readonly [name: string, make: (changes: Json) => Json])[] = [
  ["v2", v2],
  ["function URL", url],
  ["v1", (changes) => v1({ ...changes, multiValueHeaders: null })],
  ["ALB single", albSingle],
  ["ALB multi", (changes) => albMulti({ ...changes, multiValueHeaders: grouped(changes.headers) })],
];

test("the corpus has the cases of Lambda", () => {
  expect([own.length, any.length]).toEqual([36, 29]);
});

test.each(own)("$threat $id", async ({ input, expected }) => {
  const event: unknown =
    input.event_json === undefined ? input.event : JSON.parse(input.event_json);
  const outcome = await exchange(event);
  check(expected, outcome);
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect((await exchange(v2())).status).toBe(200);
});

test.each(any.flatMap((given) => PROBED.map(([name, make]) => ({ ...given, name, make }))))(
  "$threat $id over $name",
  async ({ input, expected, name, make }) => {
    const probe = Buffer.from(JSON.stringify(input.probe)).toString("base64url");
    const headers = { host: "d.example", "x-probe": probe };
    const method = input.probe?.method ?? "GET";
    const outcome = await exchange(
      name === "v2" || name === "function URL"
        ? withMethod(make({ headers }), method)
        : make({ headers, httpMethod: method }),
    );
    check(expected, outcome, name === "ALB single");
  },
);

interface Outcome {
  readonly called: boolean;
  readonly closed: number;
  readonly environ: Environ | undefined;
  readonly status: number | undefined;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly log: string;
  readonly rejection: string | undefined;
}

async function exchange(event: unknown): Promise<Outcome> {
  const log = new Log();
  const { application, state } = createProbe();
  let environ: Environ | undefined;
  const handler = toLambda(
    (given, startResponse) => {
      environ = given;
      requestUri(given);
      return application(given, startResponse);
    },
    { errors: log },
  );
  let result: Json = {};
  let rejection: string | undefined;
  try {
    result = (await handler(event, context())) as Json;
  } catch (error) {
    rejection = String(error);
  }
  const body = typeof result.body === "string" ? result.body : "";
  return {
    called: state.calls > 0,
    closed: state.closed,
    environ,
    status: result.statusCode as number | undefined,
    headers: headersOf(result),
    body: Buffer.from(body, result.isBase64Encoded === true ? "base64" : "utf8"),
    log: log.writes.join(""),
    rejection,
  };
}

function headersOf(result: Json): [string, string][] {
  const maps = [result.headers, result.multiValueHeaders, { "set-cookie": result.cookies ?? [] }];
  return maps.flatMap((map) =>
    Object.entries((map ?? {}) as Record<string, string | string[]>).flatMap(([name, values]) =>
      [values].flat().map((value): [string, string] => [name, value]),
    ),
  );
}

function check(expected: Expected, outcome: Outcome, onlyOneCookie = false): void {
  const { environ, headers } = outcome;
  const named = (name: string): string[] =>
    headers.filter(([found]) => found === name).map(([, value]) => value);
  if (expected.app_called !== undefined) {
    expect(outcome.called).toBe(expected.app_called);
  }
  if (expected.rejects_naming !== undefined) {
    const said = outcome.rejection ?? `${outcome.status} ${outcome.log}`;
    expect(said).toMatch(new RegExp(expected.rejects_naming.replace("rawPath", "rawPath|target")));
  } else {
    expect(outcome.rejection).toBeUndefined();
  }
  if (expected.status !== undefined && outcome.rejection === undefined) {
    expect([expected.status, expected.alt_status ?? []].flat()).toContain(outcome.status);
  }
  if (expected.truncation_visible) {
    expect(outcome.status).toBe(500);
  }
  if (environ !== undefined) {
    const { environ: wanted = {}, environ_alt: alternative = wanted } = expected;
    expect(holds(environ, wanted) || holds(environ, alternative), JSON.stringify(wanted)).toBe(
      true,
    );
    expect(environ).toMatchObject(expected.environ_if_called ?? {});
    for (const key of expected.environ_absent ?? []) {
      expect(key in environ, key).toBe(false);
    }
    for (const [key, value] of Object.entries(expected.environ_not ?? {})) {
      expect(environ[key]).not.toBe(value);
    }
    for (const [key, pattern] of Object.entries(expected.environ_re ?? {})) {
      expect(environ[key]).toMatch(new RegExp(pattern));
    }
  }
  const length = expected.body_len ?? (outcome.called ? expected.body_len_if_called : undefined);
  if (length !== undefined) {
    const [read] = named("x-body-length");
    expect(Number(read ?? outcome.body.length)).toBe(length);
  }
  if (expected.body !== undefined) {
    expect(outcome.body.toString()).toBe(expected.body);
  }
  if (expected.body_re !== undefined) {
    expect(outcome.body.toString()).toMatch(new RegExp(expected.body_re));
  }
  if (expected.body_b64 !== undefined) {
    expect(outcome.body.toString("base64")).toBe(expected.body_b64);
  }
  if (expected.close_count !== undefined) {
    expect(outcome.closed).toBe(expected.close_count);
  }
  if (expected.log_re !== undefined) {
    expect(outcome.log).toMatch(new RegExp(expected.log_re));
  }
  for (const secret of expected.no_leak ?? []) {
    expect(JSON.stringify(headers) + outcome.body.toString()).not.toContain(secret);
  }
  for (const name of expected.wire_absent ?? []) {
    expect(named(name)).toEqual([]);
  }
  for (const [name, value] of Object.entries(expected.wire_headers ?? {})) {
    expect(named(name)).toEqual([value]);
  }
  for (const [name, values] of Object.entries(expected.wire_join ?? {})) {
    expect(named(name).join(", ")).toBe(values.join(", "));
  }
  for (const [name, value] of Object.entries(expected.wire_not ?? {})) {
    expect(named(name)).not.toContain(value);
  }
  if (expected.set_cookies !== undefined) {
    const { set_cookies: cookies } = expected;
    expect(named("set-cookie")).toEqual(onlyOneCookie ? cookies.slice(0, 1) : cookies);
    expect(outcome.log.includes('"b", "c"')).toBe(onlyOneCookie);
  }
}

function holds(environ: Environ, wanted: Record<string, string>): boolean {
  return Object.entries(wanted).every(([key, value]) => environ[key] === value);
}

function grouped(headers: unknown): Json {
  const entries = Object.entries((headers ?? {}) as Record<string, string>);
  return Object.fromEntries(entries.map(([name, value]) => [name, [value]]));
}

function withMethod(event: Json, method: string): Json {
  const requestContext = event.requestContext as { http: Json };
  requestContext.http.method = method;
  return event;
}
