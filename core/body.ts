import { encodeUtf8 } from "./bytes.ts";
import { DramError, describe } from "./errors.ts";
import { checkBody } from "./returned.ts";
import { settled } from "./thenable.ts";
import type { Body, HeaderList, StartResponse } from "./types.ts";

/**
 * A body of one chunk, the text in UTF-8. Gateways recognise it and hand the text to platforms
 * that take text, without encoding it first; to everyone else it is an ordinary iterable.
 */
export function text(content: string): Body {
  if (typeof content !== "string") {
    throw new DramError(
      "ERR_CHUNK_TYPE",
      `text: the content is ${describe(content)}; wanted a string`,
    );
  }
  return new TextBody(content);
}

/**
 * A body of one chunk, the value as JSON. The Content-Type is yours to set.
 *
 * @throws {DramError} `ERR_JSON` for a value that JSON has no text for, such as `undefined`.
 */
export function json(value: unknown): Body {
  let content: string | undefined;
  let cause: unknown;
  try {
    content = JSON.stringify(value);
  } catch (error) {
    cause = error;
  }
  if (content === undefined) {
    throw new DramError("ERR_JSON", `json: JSON has no text for ${describe(value)}`, { cause });
  }
  return new TextBody(content);
}

/**
 * The text of a body made by `text` or `json`. Told by a private field, which nothing else can
 * have, never by shape. One that somebody has given a `close` is a body like any other.
 *
 * @returns `undefined` for every other value.
 */
export function textOf(body: unknown): string | undefined {
  return TextBody.contentOf(body);
}

/**
 * The body of a middleware that changes bytes: `transform` is called for each chunk as it passes,
 * one chunk out for each chunk in (an empty one for "nothing yet"), and `close()` reaches the
 * application's body. An array stays an array, so that its length can still be inferred. Use it
 * with `mapWrites`, which does the same for the other way out.
 *
 * @param body What the application returned, awaited or not.
 */
export function mapBody(body: Body, transform: (chunk: Uint8Array) => Uint8Array): Body;
/** The same for what may be a promise. */
export function mapBody(
  body: Body | Promise<Body>,
  transform: (chunk: Uint8Array) => Uint8Array,
): Body | Promise<Body>;
export function mapBody(
  body: Body | Promise<Body>,
  transform: (chunk: Uint8Array) => Uint8Array,
): Body | Promise<Body> {
  if (body instanceof Promise) {
    return body.then((settled) => mapBody(settled, transform));
  }
  checkBody(body);
  if (Array.isArray(body)) {
    const chunks: Uint8Array[] & Body = body;
    if (chunks.close === undefined) {
      return chunks.map((chunk) => transform(chunk));
    }
    try {
      return closing(
        chunks.map((chunk) => transform(chunk)),
        chunks,
      );
    } catch (error) {
      // Thrown when the body is iterated, so that the gateway has a body to close.
      return closing(failing(error), chunks);
    }
  }
  const source = closing(body);
  const mapped =
    Symbol.asyncIterator in source ? mapAsync(source, transform) : mapSync(source, transform);
  return closing(mapped, source);
}

/**
 * The `startResponse` of a middleware that changes bytes: passes what the application gives to
 * `write()` through `transform`, and drops its Content-Length, which would no longer be true.
 */
export function mapWrites(
  startResponse: StartResponse,
  transform: (chunk: Uint8Array) => Uint8Array,
): StartResponse {
  return (status, headers, error) => {
    const write = startResponse(status, withoutLength(headers), error);
    return (chunk) => write(transform(chunk));
  };
}

/**
 * A body that, when it is closed, closes `body` and then each of `resources`, in order. All of
 * them are closed even if one fails; the first failure is thrown afterwards.
 *
 * @param resources Objects with a `close` method, or functions to call.
 */
export function closing(
  body: Body,
  ...resources: readonly ({ close?(): void | Promise<void> } | (() => void | Promise<void>))[]
): Body {
  try {
    checkBody(body);
  } catch (error) {
    // Told when the body is iterated, so that the gateway has something to close.
    return closing(failing(error), ...resources);
  }
  let opened = Array.isArray(body);
  const closeBody = (): unknown => {
    // What was never iterated, such as a ReadableStream at HEAD, has only an iterator to be told by.
    return opened || body.close !== undefined ? body.close?.() : iteratorOf(body).return?.();
  };
  const close = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (const resource of [closeBody, ...resources]) {
      try {
        await settled(typeof resource === "function" ? resource() : resource.close?.(), "close()");
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) {
      throw failures[0];
    }
  };
  const open = <Opened>(iterate: () => Opened): Opened => {
    opened = true;
    return iterate();
  };
  if (Array.isArray(body)) {
    return Object.assign([...body], { close });
  }
  return Symbol.asyncIterator in body
    ? { [Symbol.asyncIterator]: () => open(() => body[Symbol.asyncIterator]()), close }
    : { [Symbol.iterator]: () => open(() => body[Symbol.iterator]()), close };
}

function iteratorOf(body: Body): Iterator<Uint8Array> | AsyncIterator<Uint8Array> {
  return Symbol.asyncIterator in body ? body[Symbol.asyncIterator]() : body[Symbol.iterator]();
}

class TextBody {
  #content: string;

  constructor(content: string) {
    this.#content = content;
  }

  static contentOf(body: unknown): string | undefined {
    return typeof body === "object" && body !== null && #content in body && !("close" in body)
      ? body.#content
      : undefined;
  }

  *[Symbol.iterator](): Generator<Uint8Array, void, void> {
    yield encodeUtf8(this.#content);
  }
}

/** Anything malformed is left for startResponse to refuse. */
function withoutLength(headers: HeaderList): HeaderList {
  return Array.isArray(headers)
    ? headers.filter((pair) => String(pair?.[0]).toLowerCase() !== "content-length")
    : headers;
}

/** A body that throws when it is iterated, so that there is a body to be closed. */
export function failing(error: unknown): Iterable<Uint8Array> {
  return {
    [Symbol.iterator]() {
      throw error;
    },
  };
}

function* mapSync(
  body: Iterable<Uint8Array>,
  transform: (chunk: Uint8Array) => Uint8Array,
): Generator<Uint8Array, void, void> {
  for (const chunk of body) {
    yield transform(chunk);
  }
}

async function* mapAsync(
  body: AsyncIterable<Uint8Array>,
  transform: (chunk: Uint8Array) => Uint8Array,
): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of body) {
    yield transform(chunk);
  }
}
