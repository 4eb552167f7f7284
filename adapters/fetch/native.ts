import {
  type Body,
  type Environ,
  type GatewayResponse,
  nativeBody,
  type SaidResponse,
} from "../../core/mod.ts";

/** What an environ says of its request, kept from before anybody can change it. */
export interface Said {
  readonly keys: readonly string[];
  readonly values: readonly unknown[];
}

/**
 * Two flat lists: 170 ns a request, where a copy takes 690, and making environ once more, for who asks
 * whether it was changed, 3 µs in Node, and in workerd 18 µs for the headers alone.
 */
export function saidOf(environ: Environ): Said {
  return { keys: Object.keys(environ), values: Object.values(environ) };
}

/**
 * `dram.native_request`: the request, as long as it may stand for the environ that is asked about.
 *
 * @param said Without the deployer's own keys, which no request has.
 */
export function nativeRequest(
  said: Said,
  input: Environ["wsgi.input"],
  request: Request,
): Environ["dram.native_request"] & {} {
  return (asked) =>
    asked["wsgi.input"] === input &&
    !request.bodyUsed &&
    !request.body?.locked &&
    isUntouched(asked, said)
      ? request
      : undefined;
}

/** Whether an environ, possibly a copy, says of its request what it said when it was made. */
function isUntouched(asked: Environ, { keys, values }: Said): boolean {
  let count = 0;
  for (const [index, key] of keys.entries()) {
    if (tells(key)) {
      count++;
      if (asked[key] !== values[index]) {
        return false;
      }
    }
  }
  for (const key in asked) {
    if (tells(key)) {
      count--;
    }
  }
  return count === 0;
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

/** Whether a key says anything of a request: one of CGI's, which are in upper case, or of two others. */
function tells(key: string): boolean {
  return key.charCodeAt(0) < LOWER_A || key === "wsgi.url_scheme" || key === "dram.signal";
}

const LOWER_A = 0x61;
