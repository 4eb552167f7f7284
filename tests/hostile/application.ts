import { type Application, type Body, type Environ, json, type StartResponse } from "dram";

/** What a case has done to the application, as `/~state` reports it; DELETE starts anew. */
export interface State {
  calls: number;
  /** Bodies with a `close()` that were returned. */
  opened: number;
  /** Calls of `close()`; a second one of the same body counts for 1000. */
  closed: number;
  paths: string[];
  inputErrors: number;
  /** The strings of the last environ. */
  environ: Record<string, string>;
  /** Every own key of the last environ, and those it inherits. */
  keys: string[];
  inherited: string[];
  /** Names that `Object.prototype` has got since the start. */
  polluted: string[];
}

/** What `X-Probe` tells the application to do, as JSON in base64url. */
export interface Probe {
  readonly method?: string;
  readonly status?: string;
  readonly headers?: [string, string][];
  readonly chunks?: readonly (string | { readonly b64: string })[];
  readonly chunks_gen?: { readonly count: number; readonly size: number };
  readonly throwBefore?: string;
  readonly rejectBefore?: string;
  readonly throwValue?: "null" | "hostile";
  readonly floatRejection?: string;
  readonly noStart?: boolean;
  readonly mutateHeadersAfterStart?: [string, string][];
  readonly startTwice?: boolean;
  readonly startTwiceExc?: { readonly status: string; readonly headers: [string, string][] };
  readonly throwAfterStart?: string;
  readonly returnKind?: "undefined";
  readonly yieldKind?: "string";
  readonly throwMid?: string;
  readonly startExcAfterFirst?: boolean;
  readonly closeThrows?: string;
}

const natural = new Set(Object.getOwnPropertyNames(Object.prototype));
let state = fresh();

/** For a target that starts a process for each request. */
export function snapshot(): State {
  return state;
}

/** Goes on from the snapshot of another process. */
export function restore(earlier: State): void {
  state = earlier;
}

/** Echoes its environ and counts its body, unless a probe tells it to misbehave. */
export const application: Application = (environ, startResponse) => {
  if (environ.PATH_INFO === "/~state") {
    const report = { ...state, polluted: pollution() };
    if (environ.REQUEST_METHOD === "DELETE") {
      state = fresh();
    }
    startResponse("200 OK", [["Content-Type", "application/json"]]);
    return json(report);
  }
  state.calls++;
  state.paths.push(environ.PATH_INFO);
  Object.assign(state, described(environ));
  return environ.HTTP_X_PROBE === undefined
    ? echo(environ, startResponse)
    : obey(JSON.parse(fromBase64(environ.HTTP_X_PROBE)), startResponse);
};

async function echo(environ: Environ, startResponse: StartResponse): Promise<Body> {
  let length = -1;
  if (environ.PATH_INFO !== "/noread") {
    try {
      length = await lengthOf(environ["wsgi.input"]);
    } catch {
      state.inputErrors++;
      startResponse("400 Bad Request", [["Content-Type", "text/plain"]]);
      return bodyOf([bytes("input error")]);
    }
  }
  startResponse("200 OK", [["Content-Type", "application/json"]]);
  return bodyOf([bytes(JSON.stringify({ ...described(environ), body_len: length }))]);
}

async function lengthOf(input: AsyncIterable<Uint8Array>): Promise<number> {
  let length = 0;
  for await (const chunk of input) {
    length += chunk.length;
  }
  return length;
}

async function obey(probe: Probe, startResponse: StartResponse): Promise<Body> {
  misbehaveBefore(probe);
  const { status = "", headers = [] } = probe;
  if (!probe.noStart) {
    startResponse(status, headers);
    headers.push(...(probe.mutateHeadersAfterStart ?? []));
    if (probe.startTwice) {
      startResponse(status, headers);
    }
    if (probe.startTwiceExc) {
      startResponse(probe.startTwiceExc.status, probe.startTwiceExc.headers, new Error("exc"));
    }
  }
  if (probe.throwAfterStart !== undefined) {
    throw new Error(probe.throwAfterStart);
  }
  return probe.returnKind === "undefined"
    ? untyped(undefined)
    : bodyOf(chunksOf(probe), probe, startResponse);
}

function misbehaveBefore({ throwBefore, rejectBefore, throwValue, floatRejection }: Probe): void {
  if (throwBefore !== undefined || rejectBefore !== undefined) {
    throw new Error(throwBefore ?? rejectBefore);
  }
  if (throwValue === "null") {
    throw null;
  }
  if (throwValue === "hostile") {
    throw hostile;
  }
  if (floatRejection !== undefined) {
    Promise.reject(new Error(floatRejection));
  }
}

const hostile = {
  get message() {
    throw 1;
  },
  get stack() {
    throw 2;
  },
  toString() {
    throw 3;
  },
};

function chunksOf({ chunks = [], chunks_gen, yieldKind }: Probe): readonly Uint8Array[] {
  if (chunks_gen !== undefined) {
    return Array.from({ length: chunks_gen.count }, () => new Uint8Array(chunks_gen.size));
  }
  return yieldKind === "string" ? untyped(["a string"]) : chunks.map(bytes);
}

function bodyOf(
  chunks: readonly Uint8Array[],
  probe: Probe = {},
  startResponse?: StartResponse,
): Body {
  let isClosed = false;
  const { throwMid, startExcAfterFirst, closeThrows } = probe;
  // Kept, because it may be closed when the next case has begun.
  const own = state;
  own.opened++;
  return {
    async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
      let index = 0;
      for (const chunk of chunks) {
        yield chunk;
        index++;
        if (throwMid !== undefined && index === 1) {
          await new Promise((resolve) => setTimeout(resolve, 20));
          throw new Error(throwMid);
        }
        if (startExcAfterFirst && index === 1) {
          startResponse?.("500 X", [], new Error("late"));
        }
      }
    },
    close() {
      own.closed += isClosed ? 1000 : 1;
      isClosed = true;
      if (closeThrows !== undefined) {
        throw new Error(closeThrows);
      }
    },
  };
}

function described(environ: Environ): Pick<State, "environ" | "keys" | "inherited"> {
  const strings = Object.entries(environ).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  const inherited: string[] = [];
  for (
    let prototype: unknown = Object.getPrototypeOf(environ);
    prototype !== null;
    prototype = Object.getPrototypeOf(prototype)
  ) {
    inherited.push(...Object.getOwnPropertyNames(prototype));
  }
  return {
    environ: Object.fromEntries(strings),
    keys: Object.getOwnPropertyNames(environ),
    inherited,
  };
}

function pollution(): string[] {
  return Object.getOwnPropertyNames(Object.prototype).filter((name) => !natural.has(name));
}

function fresh(): State {
  return {
    calls: 0,
    opened: 0,
    closed: 0,
    paths: [],
    inputErrors: 0,
    environ: {},
    keys: [],
    inherited: [],
    polluted: [],
  };
}

function bytes(chunk: string | { readonly b64: string }): Uint8Array {
  return typeof chunk === "string"
    ? new TextEncoder().encode(chunk)
    : Uint8Array.from(atob(chunk.b64), (character) => character.charCodeAt(0));
}

function fromBase64(base64url: string): string {
  const binary = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return new TextDecoder().decode(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
}

/** What JavaScript lets an application hand over, whatever the types say. */
function untyped<T>(value: unknown): T {
  return value as T;
}
