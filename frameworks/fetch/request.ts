import {
  DramError,
  type Environ,
  type InputStream,
  quote,
  readSome,
  requestHeaders,
  requestOrigin,
  requestTarget,
} from "../../core/mod.ts";
import { toPlatform } from "./strings.ts";

/** How much of the mount point a handler is to see. */
export interface RequestOptions {
  /**
   * Leave SCRIPT_NAME out of the URL, for a handler that was written for the root: mounted at `/shop`,
   * it gets `/cart` for `/shop/cart`. Default false: the URL that the client has asked for.
   */
  stripScriptName?: boolean;
}

/**
 * The request that an environ describes. On Fetch platforms it is the platform's own object, as long
 * as nothing in environ was changed and the body is untouched; else, and anywhere else, a new one. The
 * body is read from `wsgi.input` as the reader asks for it, never ahead.
 *
 * A `Request` cannot say everything: it has no body with GET and HEAD, and it resolves dot segments,
 * which would make another path of one that was checked above; these are refused.
 *
 * @throws {DramError} `ERR_TARGET`, `ERR_HOST` or `ERR_METHOD`, all answered 400.
 */
export function toRequest(environ: Environ, options: RequestOptions = {}): Request {
  const strip = options.stripScriptName === true && environ.SCRIPT_NAME !== "";
  return (strip ? undefined : nativeRequest(environ)) ?? createRequest(environ, !strip);
}

function nativeRequest(environ: Environ): Request | undefined {
  const native = environ["dram.native_request"]?.(environ);
  // A platform of another kind has a request of another kind.
  return native instanceof Request ? native : undefined;
}

function createRequest(environ: Environ, scriptName: boolean): Request {
  const { REQUEST_METHOD: method, CONTENT_LENGTH: length, "dram.signal": signal } = environ;
  const target = requestTarget(environ, { scriptName });
  if (DOT_SEGMENT.test(target)) {
    throw new DramError(
      "ERR_TARGET",
      `the path ${quote(target)} has a segment "." or "..", which a URL would resolve`,
    );
  }
  const url = requestOrigin(environ) + target;
  // A plain record, which runtimes read faster than pairs; no name comes twice.
  const headers: Record<string, string> = {};
  for (const [name, value] of requestHeaders(environ)) {
    headers[name] = toPlatform(value);
  }
  const bodiless = method === "GET" || method === "HEAD" || length === "0";
  try {
    return new Request(url, {
      method,
      headers,
      ...(signal && { signal }),
      ...(bodiless ? undefined : { body: toStream(environ["wsgi.input"]), duplex: "half" }),
    });
  } catch (cause) {
    // A host of right grammar may still be none, such as "1.2.3.4.5" or "a:99999".
    throw URL.canParse(url)
      ? new DramError("ERR_METHOD", `a Request cannot have the method ${quote(method)}`, { cause })
      : new DramError("ERR_HOST", `${quote(url)} is no URL`, { cause });
  }
}

// Also where it is escaped, once: a URL knows "%2e" for a dot.
const DOT_SEGMENT = /^[^?]*\/(?:\.|%2e){1,2}(?:[/?]|$)/i;

function toStream(input: InputStream): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk = await readSome(input);
        if (chunk.length === 0) {
          controller.close();
        } else {
          controller.enqueue(chunk);
        }
      },
    },
    // Nothing is read before it is asked for: that is the back-pressure.
    { highWaterMark: 0 },
  );
}
