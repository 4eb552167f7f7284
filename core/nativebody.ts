import { parseLength } from "./headers.ts";
import type { NativeResponse } from "./response.ts";
import type { Body, HeaderList } from "./types.ts";

/** What is said to `startResponse` of a response of the platform's own, and its body in chunks. */
export interface SaidResponse {
  /** With its reason phrase: `"200 OK"`. */
  readonly status: string;
  /** Of the response, each Set-Cookie apart. */
  readonly headers: HeaderList;
  /** What to iterate where the response itself cannot be sent. Not begun before. */
  readonly body: AsyncIterable<Uint8Array> & Pick<Body, "close">;
}

/**
 * A body that stands for a whole response of the platform's own: if it comes back untouched, `run`
 * hands the response to the adapter. To everyone else it is an ordinary body.
 */
export function nativeBody(response: object, said: SaidResponse): Body {
  return new NativeBody(response, said);
}

/**
 * The response that a body stands for. Told by a private field; a body that somebody has given a
 * property, such as a `close`, is a body like any other.
 *
 * @param length What Content-Length has announced: with another one than was said, the gateway has to
 *   count.
 */
export function nativeOf(
  body: unknown,
  status: string,
  headers: HeaderList,
  length: number | undefined,
): NativeResponse | undefined {
  return NativeBody.nativeOf(body, status, headers, length);
}

class NativeBody {
  #response: object;
  #status: string;
  // A copy of each: middleware may change the list that startResponse was given, in place.
  #headers: readonly string[];
  #body: SaidResponse["body"];

  constructor(response: object, { status, headers, body }: SaidResponse) {
    this.#response = response;
    this.#status = status;
    const copy: string[] = [];
    // By hand: flat() takes 0.3 µs.
    for (const [name, value] of headers) {
      copy.push(name, value);
    }
    this.#headers = copy;
    this.#body = body;
  }

  static nativeOf(
    body: unknown,
    status: string,
    headers: HeaderList,
    length: number | undefined,
  ): NativeResponse | undefined {
    if (
      typeof body !== "object" ||
      body === null ||
      !(#response in body) ||
      Reflect.ownKeys(body).length > 0
    ) {
      return undefined;
    }
    const isWhole = body.#status === status && body.#isSaid(headers);
    return isWhole || length === body.#saidLength()
      ? { response: body.#response, isWhole }
      : undefined;
  }

  #isSaid(headers: HeaderList): boolean {
    const said = this.#headers;
    return (
      said.length === 2 * headers.length &&
      headers.every(
        ([name, value], index) => name === said[2 * index] && value === said[2 * index + 1],
      )
    );
  }

  #saidLength(): number | undefined {
    const index = this.#headers.findIndex(
      (text, position) => position % 2 === 0 && text.toLowerCase() === "content-length",
    );
    return index === -1 ? undefined : parseLength(this.#headers[index + 1] ?? "");
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this.#body[Symbol.asyncIterator]();
  }

  close(): void | Promise<void> {
    return this.#body.close?.();
  }
}
