// Ways in which gateways have got bodies, starts and writes wrong.

import type { Body, HeaderList, Middleware, StartResponse, Write } from "dram";
import { bytes, heads, iteratorOf } from "./faultyresponse.ts";

type Call = Parameters<Middleware>[0];

export async function* nothing(): AsyncGenerator<Uint8Array> {}

export async function* something(): AsyncGenerator<Uint8Array> {
  yield bytes("x");
}

export async function* firstOnly(body: Body): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    yield chunk;
    return;
  }
}

export async function* reversed(body: Body): AsyncGenerator<Uint8Array> {
  yield* (await all(body)).reverse();
}

export async function* collected(body: Body): AsyncGenerator<Uint8Array> {
  yield* await all(body);
}

export async function* heldBack(body: Body): AsyncGenerator<Uint8Array> {
  let held: Uint8Array | undefined;
  for await (const chunk of body) {
    if (held !== undefined) {
      yield held;
    }
    held = chunk;
  }
  if (held !== undefined) {
    yield held;
  }
}

export async function* untilEmpty(body: Body): AsyncGenerator<Uint8Array> {
  let begun = false;
  for await (const chunk of body) {
    if (begun && chunk.length === 0) {
      return;
    }
    begun ||= chunk.length > 0;
    yield chunk;
  }
}

/** An error ends it as if it were whole. */
export async function* hushed(body: Body): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch {
    return;
  }
}

async function all(body: Body): Promise<Uint8Array[]> {
  const list: Uint8Array[] = [];
  for await (const chunk of body) {
    list.push(chunk);
  }
  return list;
}

export function early(inner: Call): Call {
  return async (environ, startResponse) => {
    let started = false;
    const body = await inner(environ, (...call) => {
      started = true;
      return startResponse(...call);
    });
    if (!started) {
      throw new Error("not started");
    }
    return body;
  };
}

export function impatient(inner: Call): Call {
  return (environ, startResponse) => {
    const body = inner(environ, startResponse);
    if (body instanceof Promise) {
      throw new Error("a promise is no body");
    }
    return body;
  };
}

/** Calls behind the first one change nothing. */
export function once(startResponse: StartResponse): StartResponse {
  let write: Write | undefined;
  return (status, headers) => {
    write ??= startResponse(status, headers);
    return write;
  };
}

export function merging(startResponse: StartResponse): StartResponse {
  const list: HeaderList = [];
  return (status, headers, error) => {
    list.push(...headers.filter(([name]) => !list.some(([earlier]) => earlier === name)));
    return startResponse(status, list, error);
  };
}

export function lenientLate(startResponse: StartResponse): StartResponse {
  return (status, headers, error) => {
    try {
      return startResponse(status, headers, error);
    } catch {
      return async () => {};
    }
  };
}

export function rewording(startResponse: StartResponse): StartResponse {
  return (status, headers, error) => {
    try {
      return startResponse(status, headers, error);
    } catch {
      throw new Error("headers already sent");
    }
  };
}

/** As if every call had been given an error. */
export function replacing(startResponse: StartResponse): StartResponse {
  return (status, headers) => startResponse(status, headers, new Error("none was given"));
}

export function unforgiving(startResponse: StartResponse): StartResponse {
  return (status, headers) => startResponse(status, headers);
}

export function starting(inner: Call): Call {
  return (environ, startResponse) => {
    startResponse("200 OK", []);
    return inner(environ, startResponse);
  };
}

export function telling(type: string): (inner: Call) => Call {
  return (inner) => async (environ, startResponse) => {
    try {
      return await inner(environ, startResponse);
    } catch (error) {
      startResponse("500 Internal Server Error", [["Content-Type", type]], error);
      return [bytes(String(error))];
    }
  };
}

export function forgiving(inner: Call): Call {
  return async (environ, startResponse) => {
    try {
      return await inner(environ, startResponse);
    } catch {
      return [];
    }
  };
}

export function inferring(inner: Call): Call {
  return heads((headers) => [...headers, ["Content-Length", "3"]])(inner);
}

export function swallowing(write: Write): Write {
  return async (chunk) => {
    try {
      await write(chunk);
    } catch {
      return;
    }
  };
}

export function unlessEmpty(write: Write): Write {
  return async (chunk) => {
    if (chunk.length > 0) {
      await write(chunk);
    }
  };
}

export function lastWriteFirst(inner: Call): Call {
  return async (environ, startResponse) => {
    const written: Uint8Array[] = [];
    const body = await inner(environ, (...call) => {
      startResponse(...call);
      return async (chunk) => {
        written.unshift(chunk);
      };
    });
    return [...written, ...(await all(body))];
  };
}

export function closingEarly(inner: Call): Call {
  return async (environ, startResponse) => {
    const body = await inner(environ, startResponse);
    await body.close?.();
    return { [Symbol.asyncIterator]: () => iteratorOf(body) };
  };
}

export function closingTwice(inner: Call): Call {
  return async (environ, startResponse) => {
    const body = await inner(environ, startResponse);
    return {
      [Symbol.asyncIterator]: () => iteratorOf(body),
      async close() {
        await body.close?.();
        await body.close?.();
      },
    };
  };
}

export function failingToClose(inner: Call): Call {
  return async (environ, startResponse) => {
    const body = await inner(environ, startResponse);
    const list = await all(body);
    await body.close?.();
    return list;
  };
}

export function coercing(inner: Call): Call {
  return async (environ, startResponse) => [bytes(String(await inner(environ, startResponse)))];
}

export function asText(chunk: Uint8Array): Uint8Array {
  return bytes(new TextDecoder().decode(chunk));
}

export function withUnixLines(chunk: Uint8Array): Uint8Array {
  return bytes(new TextDecoder().decode(chunk).replaceAll("\r\n", "\n"));
}
