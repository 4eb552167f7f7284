import {
  createEnviron,
  cutUrl,
  type Environ,
  type Gateway,
  RequestFields,
} from "../../core/mod.ts";
import { openBody } from "./input.ts";
import type { FetchPlatform } from "./mod.ts";
import { nativeRequest, nativeResponse, saidOf } from "./native.ts";

/**
 * The environ of a `Request`. SERVER_NAME and SERVER_PORT come from its URL where the platform does
 * not know better.
 *
 * @throws {DramError} For a malformed request.
 */
export function toEnviron<Native>(
  request: Request,
  gateway: Gateway,
  platform: FetchPlatform<Native>,
  native: Native,
): Environ {
  const { scheme, authority, name, port, target } = cutUrl(request.url);
  const server = platform.server?.(native);
  const environ = createEnviron(gateway, {
    method: request.method,
    target,
    scheme: server?.scheme ?? (scheme === "https" ? "https" : "http"),
    protocol: "HTTP/1.1",
    serverName: server?.name ?? (name || "localhost"),
    serverPort: server?.port ?? port,
    waitUntil: platform.waitUntil && ((promise) => platform.waitUntil?.(promise, native)),
  });
  const fields = new RequestFields(environ, gateway);
  // Not for-of: 2.7 against 2.2 µs for the headers of a request on workerd.
  request.headers.forEach((value, name) => {
    fields.add(name, value);
  });
  environ["dram.signal"] = platform.signal === undefined ? request.signal : platform.signal(native);
  environ["fetch.request"] = request;
  environ["dram.native_response"] = platform.nativeResponse ?? nativeResponse;
  platform.extendEnviron?.(environ, request, native);
  if (platform.hostInUrl && environ.HTTP_HOST !== authority) {
    fields.replaceHost(authority);
  }
  // A request with another signal than environ's could never stand for it.
  const said = platform.signal === undefined ? saidOf(environ) : undefined;
  fields.finish((whole) => openBody(request, whole, platform.nativeInput === true));
  if (said !== undefined) {
    environ["dram.native_request"] = nativeRequest(said, environ["wsgi.input"], request);
  }
  return environ;
}
