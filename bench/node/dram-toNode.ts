import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { toNode } from "dram/node";
import { application } from "../application.ts";

export async function listen(): Promise<number> {
  const server = createServer(toNode(application)).listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
