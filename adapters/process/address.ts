import type { AddressInfo, ListenOptions, Server } from "node:net";
import { DramError } from "../../core/mod.ts";
import { messageOf } from "./message.ts";

/**
 * Makes a server listen.
 *
 * @param name Where, for the message.
 * @throws {DramError} `ERR_OPTION` if it cannot.
 */
export function bind(
  server: Pick<Server, "listen" | "once" | "off">,
  where: ListenOptions | { fd: number },
  name: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void => {
      reject(
        new DramError("ERR_OPTION", `cannot listen on ${name}: ${messageOf(cause)}`, { cause }),
      );
    };
    server.once("error", fail);
    server.listen(where, () => {
      server.off("error", fail);
      resolve();
    });
  });
}

/** `http://127.0.0.1:8000`, and the port; of a server that listens on none, `unix:/path`. */
export function addressOf(
  server: Pick<Server, "address">,
  scheme: string,
  { path, host }: { readonly path?: string; readonly host?: string },
): { url: string; port: number | undefined } {
  const address = server.address();
  if (!isPort(address)) {
    return { url: `unix:${path}`, port: undefined };
  }
  const { port } = address;
  const name = host === undefined || host === "0.0.0.0" || host === "::" ? address.address : host;
  const shown = name === "0.0.0.0" || name === "::" ? "localhost" : name;
  return { url: `${scheme}://${shown.includes(":") ? `[${shown}]` : shown}:${port}`, port };
}

function isPort(address: ReturnType<Server["address"]>): address is AddressInfo {
  return typeof address === "object" && address !== null;
}
