import { once } from "node:events";
import { createServer, type ServerOptions } from "node:http";
import type { AddressInfo } from "node:net";
import { toNode } from "dram/node";
import { application } from "../application.ts";

const OPTIONS: ServerOptions & { optimizeEmptyRequests: boolean } = { optimizeEmptyRequests: true };

export async function listen(): Promise<number> {
  const server = createServer(OPTIONS, toNode(application)).listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
