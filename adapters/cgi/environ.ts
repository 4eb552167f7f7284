import { type CgiGateway, createCgiEnviron, type Environ } from "../../core/mod.ts";
import type { Client } from "./client.ts";

/**
 * The environ of the request that this process was started for.
 *
 * @throws {DramError} For a malformed request.
 */
export function toEnviron(client: Client, gateway: CgiGateway): Environ {
  const { environ, fields } = createCgiEnviron(gateway, {
    variables: client.variables,
    waitUntil: client.lifetime.waitUntil,
  });
  environ["dram.signal"] = client.signal;
  fields.finish(() => client.input);
  return environ;
}
