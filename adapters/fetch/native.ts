import {
  type Body,
  type Environ,
  type GatewayResponse,
  nativeBody,
  type SaidResponse,
} from "../../core/mod.ts";

/**
 * Whether an environ still says of its request what it said when it was made, so that the request
 * itself may stand for it. Told by making it once more, which costs nothing until somebody asks.
 *
 * @param asked What the asker has been given; possibly a copy.
 * @param made The environ as it was, from before anybody could change it.
 * @param input `wsgi.input` of the environ that was made first.
 */
export function isUntouched(
  asked: Environ,
  made: Environ,
  input: Environ["wsgi.input"],
  request: Request,
): boolean {
  if (
    asked["wsgi.input"] !== input ||
    asked["wsgi.url_scheme"] !== made["wsgi.url_scheme"] ||
    asked["dram.signal"] !== request.signal ||
    request.bodyUsed ||
    request.body?.locked
  ) {
    return false;
  }
  let keys = 0;
  for (const key in made) {
    if (isCgi(key)) {
      keys++;
      if (asked[key] !== made[key]) {
        return false;
      }
    }
  }
  for (const key in asked) {
    if (isCgi(key)) {
      keys--;
    }
  }
  return keys === 0;
}

/** A body for a `Response` that is to be sent as it is. */
export function nativeResponse(response: object, said: SaidResponse): Body | undefined {
  return response instanceof Response ? nativeBody(response, said) : undefined;
}

/**
 * The `Response` that an application has answered with: itself, or its body under another head.
 *
 * @returns `undefined` for an answer of any other kind.
 */
export function fromNative(
  answer: GatewayResponse,
  partsOf: (answer: GatewayResponse) => ResponseInit,
): Response | undefined {
  const { native } = answer;
  if (!(native?.response instanceof Response)) {
    return undefined;
  }
  return native.isWhole ? native.response : new Response(native.response.body, partsOf(answer));
}

/** Whether a key is one of CGI's, which are in upper case; no other says anything of a request. */
function isCgi(key: string): boolean {
  return key.charCodeAt(0) < LOWER_A;
}

const LOWER_A = 0x61;
