import { isAddress, splitAddress } from "./address.ts";
import { DramError, describe } from "./errors.ts";
import { defaultPort, isHost } from "./target.ts";
import type { Environ, Middleware } from "./types.ts";

/** Which more of the forwarded facts every trusted proxy is known to set. */
export interface ForwardedFacts {
  /** `X-Forwarded-Host` becomes HTTP_HOST. Default false: a proxy that does not set it lets the client's through. */
  host?: boolean;
  /** `X-Forwarded-Port` becomes SERVER_PORT. Default false. */
  port?: boolean;
}

/**
 * Takes the client's address and scheme from what the nearest `hops` proxies have said: each
 * appends one entry, so the one that counts is the `hops`-th from the right of the joined
 * `X-Forwarded-For` and `X-Forwarded-Proto`. Everything further left is the client's own claim, and
 * taken away. With fewer entries than hops, or an entry of the wrong form, nothing is changed.
 *
 * Without this middleware no forwarded header changes anything.
 *
 * @param hops How many proxies stand in front; 0 for none.
 * @throws {DramError} `ERR_OPTION` for anything but a whole number from 0.
 */
export function trustedHops(hops: number, facts: ForwardedFacts = {}): Middleware {
  if (!Number.isInteger(hops) || hops < 0) {
    const found = typeof hops === "number" ? String(hops) : describe(hops);
    throw new DramError(
      "ERR_OPTION",
      `trustedHops: hops is ${found}; wanted a whole number from 0`,
    );
  }
  if (hops === 0) {
    return (application) => application;
  }
  return (application) => (environ, startResponse) => {
    const address = trusted(environ, "HTTP_X_FORWARDED_FOR", hops, isAddress);
    if (address !== undefined) {
      const { name, port } = splitAddress(address);
      environ.REMOTE_ADDR = name;
      // The port of the connection to the proxy would be wrong for this address.
      delete environ.REMOTE_PORT;
      if (port !== "") {
        environ.REMOTE_PORT = port;
      }
    }
    const scheme = trusted(environ, "HTTP_X_FORWARDED_PROTO", hops, isScheme);
    if (scheme !== undefined) {
      setScheme(environ, scheme.toLowerCase());
    }
    const host = facts.host && trusted(environ, "HTTP_X_FORWARDED_HOST", hops, isHost);
    if (host) {
      environ.HTTP_HOST = host;
    }
    const port = facts.port && trusted(environ, "HTTP_X_FORWARDED_PORT", hops, isPort);
    if (port) {
      environ.SERVER_PORT = port;
    }
    return application(environ, startResponse);
  };
}

/** The entry that counts; the header is cut down to the entries of trusted proxies. */
function trusted(
  environ: Environ,
  key: `HTTP_${string}`,
  hops: number,
  isRight: (entry: string) => boolean,
): string | undefined {
  const entries = (environ[key] ?? "").split(",").map((entry) => entry.trim());
  const entry = entries.at(-hops);
  if (entry === undefined || !isRight(entry)) {
    return undefined;
  }
  environ[key] = entries.slice(-hops).join(", ");
  return entry;
}

function setScheme(environ: Environ, scheme: string): void {
  // A default port follows the scheme; any other is the server's own and stays.
  if (environ.SERVER_PORT === defaultPort(environ["wsgi.url_scheme"])) {
    environ.SERVER_PORT = defaultPort(scheme);
  }
  environ["wsgi.url_scheme"] = scheme;
  delete environ.HTTPS;
  if (scheme === "https") {
    environ.HTTPS = "on";
  }
}

function isScheme(entry: string): boolean {
  return /^https?$/i.test(entry);
}

function isPort(entry: string): boolean {
  return /^[0-9]{1,5}$/.test(entry);
}
