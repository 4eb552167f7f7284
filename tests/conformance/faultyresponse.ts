import type { Body, HeaderList, Middleware, StartResponse, Write } from "dram";

/** At the requests of the case alone: the ledger must stay readable. */
export function atCase(middleware: Middleware): Middleware {
  return (inner) => {
    const faulty = middleware(inner);
    return (environ, startResponse) =>
      environ.HTTP_X_DRAM_CASE === "ledger"
        ? inner(environ, startResponse)
        : faulty(environ, startResponse);
  };
}

/** Every request with a startResponse of its own, made of the gateway's. */
export function starts(change: (startResponse: StartResponse) => StartResponse): Middleware {
  return atCase((inner) => (environ, startResponse) => inner(environ, change(startResponse)));
}

/** Every call of startResponse with other headers, or another status. */
export function heads(
  change: (headers: HeaderList, status: string) => HeaderList,
  status?: string,
): Middleware {
  return starts(
    (startResponse) => (given, headers, error) =>
      startResponse(status ?? given, change(headers, given), error),
  );
}

/** Every write in another way. */
export function writes(change: (write: Write) => Write): Middleware {
  return starts(
    (startResponse) => (status, headers, error) => change(startResponse(status, headers, error)),
  );
}

/** Every body iterated in another way; its `close()` is forwarded. */
export function bodies(iterate: (body: Body) => AsyncIterator<Uint8Array>): Middleware {
  return atCase((inner) => async (environ, startResponse) => {
    const body = await inner(environ, startResponse);
    return { [Symbol.asyncIterator]: () => iterate(body), close: () => body.close?.() };
  });
}

/** What `for await` would step through. */
export function iteratorOf(body: Body): AsyncGenerator<Uint8Array> {
  return (async function* () {
    yield* body;
  })();
}

/** Every body iterated, and then forgotten. */
export const unclosed: Middleware = atCase((inner) => async (environ, startResponse) => {
  const body = await inner(environ, startResponse);
  return {
    [Symbol.asyncIterator]() {
      const iterator = iteratorOf(body);
      return { next: () => iterator.next() };
    },
  };
});

/** Every chunk replaced. */
export function chunks(change: (chunk: Uint8Array) => Uint8Array): Middleware {
  return bodies(async function* (body) {
    for await (const chunk of body) {
      yield change(chunk);
    }
  });
}

/** A startResponse that reports no fault: what it cannot pass on, it makes up. */
export function lenient(startResponse: StartResponse): StartResponse {
  return (status, headers, error) => {
    try {
      return startResponse(status, headers, error);
    } catch {
      return startResponse("200 OK", [], new Error("hushed up"));
    }
  };
}

/** Headers but this one. */
export function without(lowerName: string): (headers: HeaderList) => HeaderList {
  return (headers) => headers.filter(([name]) => name.toLowerCase() !== lowerName);
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
