import {
  type Body,
  DramError,
  describe,
  type Environ,
  type HeaderList,
  isHopByHop,
  reasonOf,
  type SaidResponse,
  type StartResponse,
  type Write,
} from "../../core/mod.ts";
import { StreamBody } from "./body.ts";
import { toNative } from "./strings.ts";

/**
 * Starts a response from a `Response`, and gives the body to return. Cookies stay apart and in order;
 * an empty `statusText` becomes the usual reason; hop-by-hop headers are left out, for the connection
 * is not the handler's.
 *
 * @throws {DramError} `ERR_APPLICATION` for what is no `Response`, or one that was read; what
 *   `startResponse` throws.
 */
export function sendResponse(response: Response, startResponse: StartResponse): Body {
  const said = saidOf(response);
  start(said, startResponse);
  return response.body === null ? [] : said.body;
}

/**
 * `sendResponse` for a whole exchange: where the platform sends a `Response` as it is, it is handed
 * through; what is there already is sent with its length; the headers of anything else leave at once,
 * as they do when a Fetch handler answers, for its stream may say nothing for long.
 */
export function answerWith(
  answer: unknown,
  environ: Environ,
  startResponse: StartResponse,
): Body | Promise<Body> {
  const said = saidOf(answer);
  const native = nativeBody(said, environ);
  const write = start(said, startResponse);
  // Its body is not so much as looked at where it is handed through: Deno sends a string with its
  // length, but not the stream that it must make of it for who asks.
  return native ?? (said.response.body === null ? [] : settled(said.body, write));
}

/** What a `Response` says, as WSGI says it. */
interface Said extends Pick<SaidResponse, "status" | "headers"> {
  readonly response: Response;
  /** No header was left out. */
  readonly isWhole: boolean;
  readonly body: StreamBody;
}

function saidOf(answer: unknown): Said {
  const response = checked(answer);
  return {
    response,
    status: statusOf(response),
    ...headersOf(response),
    body: new StreamBody(response),
  };
}

function nativeBody(
  { response, status, headers, isWhole, body }: Said,
  environ: Environ,
): Body | undefined {
  return isWhole
    ? environ["dram.native_response"]?.(response, { status, headers, body })
    : undefined;
}

function start({ status, headers, body }: Said, startResponse: StartResponse): Write {
  try {
    return startResponse(status, headers);
  } catch (error) {
    body.close().catch(() => {});
    throw error;
  }
}

/** @throws {DramError} */
function checked(answer: unknown): Response {
  if (!isResponse(answer)) {
    throw new DramError(
      "ERR_APPLICATION",
      `the handler answered with ${describe(answer)}; wanted a Response`,
    );
  }
  if (answer.bodyUsed) {
    throw new DramError("ERR_APPLICATION", "the handler answered with a Response that was read");
  }
  return answer;
}

function isResponse(value: unknown): value is Response {
  return (
    value instanceof Response ||
    // Of another realm, or of a library's own making.
    Object.prototype.toString.call(value) === "[object Response]"
  );
}

async function settled(body: StreamBody, write: Write): Promise<Body> {
  try {
    const chunks = await body.chunks();
    if (chunks !== undefined) {
      return chunks;
    }
    await write(new Uint8Array(0));
    return body;
  } catch (error) {
    body.close().catch(() => {});
    throw error;
  }
}

function statusOf({ status, statusText }: Response): string {
  // A tab is the only control character that a statusText can have.
  return `${status} ${toNative(statusText).replaceAll("\t", " ") || reasonOf(status)}`;
}

function headersOf({ headers }: Response): { headers: HeaderList; isWhole: boolean } {
  const list: HeaderList = [];
  let isWhole = true;
  let hasCookies = false;
  headers.forEach((value, name) => {
    if (name === "set-cookie") {
      hasCookies = true;
    } else if (isHopByHop(name)) {
      isWhole = false;
    } else {
      list.push([name, toNative(value)]);
    }
  });
  if (hasCookies) {
    // Not from the iteration, which older runtimes give all cookies of in one value.
    for (const cookie of headers.getSetCookie()) {
      list.push(["set-cookie", toNative(cookie)]);
    }
  }
  return { headers: list, isWhole };
}
