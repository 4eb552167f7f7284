/** The `init` of `fetch`, and what only a client without a network can say. */
export interface ClientInit extends RequestInit {
  /**
   * Keys of environ for this request, over all others: `REMOTE_ADDR`, `wsgi.url_scheme`, a `PATH_INFO`
   * that no URL could have.
   */
  environ?: Readonly<Record<string, unknown>>;
}

/** A request that can be sent again, to where it is redirected. */
export interface Outgoing {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  /** A stream can be sent only once. */
  readonly body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;
  readonly signal: AbortSignal;
  readonly redirect: Request["redirect"];
  readonly keepsCookies: boolean;
  readonly environ: Readonly<Record<string, unknown>> | undefined;
}

/**
 * A request as a client with a network would send it: with a Host, and with its Content-Length unless
 * its body is a stream.
 */
export async function toOutgoing(
  to: string | URL | Request,
  init: ClientInit,
  base: URL,
  defaults: Readonly<Record<string, string>> = {},
): Promise<Outgoing> {
  const { environ, ...rest } = init;
  const streams = to instanceof Request || rest.body instanceof ReadableStream;
  const given = { duplex: "half", ...rest };
  const request = new Request(to instanceof Request ? to : resolve(to, base), given);
  const url = new URL(request.url);
  const headers = new Headers(request.headers);
  for (const [name, value] of Object.entries(defaults)) {
    if (!headers.has(name)) {
      headers.set(name, value);
    }
  }
  if (!headers.has("host")) {
    headers.set("host", url.host);
  }
  const body = streams ? request.body : request.body && new Uint8Array(await request.arrayBuffer());
  const length = lengthOf(body, request.method);
  if (length !== undefined && !headers.has("content-length")) {
    headers.set("content-length", String(length));
  }
  return {
    url,
    method: request.method,
    headers,
    body,
    signal: request.signal,
    redirect: request.redirect,
    keepsCookies: request.credentials !== "omit",
    environ,
  };
}

function resolve(to: string | URL, base: URL): URL {
  // Concatenated, not resolved: "//x/y" is a path here, as it is to a server.
  return typeof to === "string" && to.startsWith("/")
    ? new URL(base.origin + to)
    : new URL(to, base);
}

function lengthOf(body: Outgoing["body"], method: string): number | undefined {
  if (body instanceof Uint8Array) {
    return body.length;
  }
  // As the Fetch standard has it: these say that they have no body, others say nothing.
  return body === null && (method === "POST" || method === "PUT") ? 0 : undefined;
}
