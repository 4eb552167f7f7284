import type { Server } from "node:net";
import { addressOf, bind } from "../process/mod.ts";
import { inheritedSocket } from "./options.ts";
import type { FastcgiOptions, FastcgiServer } from "./serve.ts";
import { bindSocket } from "./socketfile.ts";

/** Where a server can be reached. */
export interface Place extends Pick<FastcgiServer, "url" | "port"> {
  /** Takes away what the server leaves behind. */
  remove(): void;
}

/** @throws {DramError} `ERR_OPTION` if it cannot listen there. */
export async function open(server: Server, options: FastcgiOptions): Promise<Place> {
  const { port, host = "127.0.0.1", path, mode = 0o600 } = options;
  if (path !== undefined) {
    return { url: `unix:${path}`, port: undefined, remove: await bindSocket(server, path, mode) };
  }
  if (port !== undefined) {
    await bind(server, { port, host }, `${host}:${port}`);
    return { ...addressOf(server, "fcgi", { host }), remove() {} };
  }
  const fd = options.fd ?? inheritedSocket();
  await bind(server, { fd }, `descriptor ${fd}`);
  const isPort = typeof server.address() === "object" && server.address() !== null;
  return {
    ...(isPort ? addressOf(server, "fcgi", {}) : { url: `fd:${fd}`, port: undefined }),
    remove() {},
  };
}
