import { splitHost } from "./target.ts";
import type { Environ } from "./types.ts";

/**
 * Whether both ends of a request are this machine: the peer's address, and the host asked for (a
 * page on the web can make a browser send requests to a loopback address, but not under its name).
 */
export function isLoopback(environ: Environ): boolean {
  return (
    isLoopbackAddress(environ.REMOTE_ADDR ?? "") &&
    isLoopbackAddress(splitHost(environ.HTTP_HOST ?? "").name)
  );
}

function isLoopbackAddress(address: string): boolean {
  return /^(?:localhost|127(?:\.[0-9]{1,3}){3}|(?:::ffff:)?127(?:\.[0-9]{1,3}){3}|\[?::1\]?)$/i.test(
    address,
  );
}
