import type { RequestListener } from "node:http";
import { fromNode } from "dram/from/node";
import { serve } from "dram/node";

/** Peers have packages of their own, and no types. */
const { listener }: { listener: RequestListener } = await import(
  String(new URL("../peers/node/bare.mjs", import.meta.url))
);

export async function listen(): Promise<number | undefined> {
  return (await serve(fromNode(listener), { port: 0 })).port;
}
