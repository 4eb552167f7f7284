import {
  type BodyStream,
  bytesFromNative,
  checkHeaders,
  checkTrailers,
  concat,
  EMPTY,
  encodeUtf8,
  type GatewayResponse,
  type HeaderList,
  hasHeader,
  isStream,
} from "../../core/mod.ts";
import type { AsgiRequest } from "./request.ts";
import type { AsgiHeaders, AsgiSend } from "./types.ts";

/** What an application adds to its response beside the head and the body. */
export class ResponseParts {
  #hints: Uint8Array[][] = [];
  #trailers: HeaderList = [];

  /** `wsgi.early_hints`. ASGI has room for `Link` alone, and not before the start of the response. */
  readonly addHints = (headers: HeaderList): void => {
    const { list } = checkHeaders(headers, "refuse", "wsgi.early_hints");
    const links = list.filter(([name]) => name.toLowerCase() === "link");
    this.#hints.push(links.map(([, value]) => bytesFromNative(value)));
  };

  /** `dram.trailers`. */
  readonly addTrailers = (headers: HeaderList): void => {
    this.#trailers.push(...checkTrailers(headers));
  };

  get hints(): readonly Uint8Array[][] {
    return this.#hints;
  }

  get trailers(): HeaderList {
    return this.#trailers;
  }
}

/** What a response is sent with. */
interface Way {
  readonly request: AsgiRequest;
  readonly send: AsgiSend;
  readonly parts: ResponseParts;
  /** This client takes trailers. */
  readonly takesTrailers: boolean;
}

/**
 * Sends what `run` has made.
 *
 * @throws What broke the body, for the server to break the connection off; and what `send` rejects with.
 */
export async function fromResponse(answer: GatewayResponse, way: Way): Promise<void> {
  const { body } = answer;
  if (isStream(body)) {
    await sendStream(body, answer, way);
    return;
  }
  const bytes = body === null ? EMPTY : typeof body === "string" ? encodeUtf8(body) : concat(body);
  const hasTrailers = way.parts.trailers.length > 0;
  await start(answer, body === null || hasTrailers ? undefined : bytes.length, hasTrailers, way);
  await way.send({ type: "http.response.body", body: bytes, more_body: false });
  if (hasTrailers) {
    await sendTrailers(way);
  }
}

async function sendStream(body: BodyStream, answer: GatewayResponse, way: Way): Promise<void> {
  const { request, send, parts, takesTrailers } = way;
  // Trailers may still come, and a length would leave no room for them.
  const hasTrailers = takesTrailers && (parts.trailers.length > 0 || answer.length === undefined);
  const cancel = (): void => body.cancel();
  request.watch(cancel);
  if (request.left) {
    cancel();
    return;
  }
  try {
    await start(answer, undefined, hasTrailers, way);
    const first = body.next();
    if (!(await isThere(first))) {
      // An empty `write()` has committed the head: it is to leave without a chunk.
      await send({ type: "http.response.body", body: EMPTY, more_body: true });
    }
    for (let chunk = await first; chunk !== null; chunk = await body.next()) {
      await send({ type: "http.response.body", body: chunk, more_body: true });
    }
    if (!request.left) {
      await send({ type: "http.response.body", body: EMPTY, more_body: false });
      if (hasTrailers) {
        await sendTrailers(way);
      }
    }
  } catch (error) {
    cancel();
    throw error;
  }
}

async function start(
  { status, reason, headers }: GatewayResponse,
  length: number | undefined,
  trailers: boolean,
  { request, send, parts }: Way,
): Promise<void> {
  const list = trailers
    ? headers.filter(([name]) => name.toLowerCase() !== "content-length")
    : headers;
  if (length !== undefined && !hasHeader(list, "content-length")) {
    list.push(["content-length", String(length)]);
  }
  await send({
    type: "http.response.start",
    status,
    headers: encoded(list),
    ...(trailers ? { trailers } : {}),
    ...reasonIn(request.scope, reason),
  });
  for (const links of parts.hints) {
    await send({ type: "http.response.early_hint", links });
  }
}

async function sendTrailers({ send, parts }: Way): Promise<void> {
  await send({
    type: "http.response.trailers",
    headers: encoded(parts.trailers),
    more_trailers: false,
  });
}

/** A key for a reason phrase, where the server says that it takes one. */
export function reasonIn(
  { extensions = {} }: AsgiRequest["scope"],
  reason: string,
): { reason?: string } {
  return extensions["dram.capabilities"]?.reason === true ? { reason } : {};
}

export function encoded(headers: HeaderList): AsgiHeaders {
  return headers.map(([name, value]) => [
    bytesFromNative(name.toLowerCase()),
    bytesFromNative(value),
  ]);
}

/** Whether a promise settles within the turns of the loop that cost no time. */
async function isThere(first: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), 0);
  });
  const there = await Promise.race([first.then(done, done), late]);
  clearTimeout(timer);
  return there;
}

function done(): true {
  return true;
}
