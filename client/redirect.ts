import type { Outgoing } from "./request.ts";

/**
 * The request that a response asks for in its turn, as the Fetch standard has it; `undefined` for one
 * to be given to the caller.
 *
 * @param count Redirects followed so far.
 * @throws {TypeError}
 */
export function nextRequest(
  outgoing: Outgoing,
  response: Response,
  count: number,
): Outgoing | undefined {
  const location = response.headers.get("location");
  const { status } = response;
  if (!REDIRECTS.has(status) || location === null || outgoing.redirect === "manual") {
    return undefined;
  }
  const url = new URL(location, outgoing.url);
  url.hash ||= outgoing.url.hash;
  if (outgoing.redirect === "error") {
    throw refusal(url, "this request was not to be redirected");
  }
  if (count >= MAX_REDIRECTS) {
    throw refusal(url, `${MAX_REDIRECTS} redirects were followed before`);
  }
  if (url.hostname !== outgoing.url.hostname) {
    throw refusal(url, `the client has no network; use redirect: "manual" to look at it`);
  }
  const turnsIntoGet =
    (status === 303 && outgoing.method !== "GET" && outgoing.method !== "HEAD") ||
    ((status === 301 || status === 302) && outgoing.method === "POST");
  if (!turnsIntoGet && outgoing.body instanceof ReadableStream) {
    throw refusal(url, "the body is a stream, which cannot be sent twice");
  }
  const headers = new Headers(outgoing.headers);
  headers.set("host", url.host);
  if (turnsIntoGet) {
    for (const name of BODY_HEADERS) {
      headers.delete(name);
    }
  }
  if (url.origin !== outgoing.url.origin) {
    headers.delete("authorization");
  }
  return {
    ...outgoing,
    url,
    headers,
    ...(turnsIntoGet ? { method: "GET", body: null } : undefined),
  };
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
// The Fetch standard, "HTTP-redirect fetch".
const MAX_REDIRECTS = 20;
const BODY_HEADERS = [
  "content-encoding",
  "content-language",
  "content-length",
  "content-location",
  "content-type",
];

function refusal(url: URL, reason: string): TypeError {
  return new TypeError(`the application redirects to ${url}: ${reason}`);
}
