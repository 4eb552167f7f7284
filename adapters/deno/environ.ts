import { type Environ, plainAddress } from "../../core/mod.ts";
import type { Client } from "./client.ts";

/** Adds what only Deno knows: the client's address, and its own values. */
export function extendEnviron(environ: Environ, _request: Request, { info }: Client): void {
  environ["deno.info"] = info;
  const { hostname, port } = info.remoteAddr;
  if (hostname !== undefined) {
    environ.REMOTE_ADDR = plainAddress(hostname);
  }
  if (port !== undefined) {
    environ.REMOTE_PORT = String(port);
  }
  // Deno tells no version. Without a Host field it is HTTP/2, which has ":authority" instead.
  if (environ.HTTP_HOST === undefined) {
    environ.SERVER_PROTOCOL = "HTTP/2";
  }
}
