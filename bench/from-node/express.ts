import type { RequestListener } from "node:http";
import { fromNode } from "dram/from/node";
import { serve } from "dram/node";

const { app }: { app: RequestListener } = await import(
  String(new URL("../peers/node/express.mjs", import.meta.url))
);

export async function listen(): Promise<number | undefined> {
  return (await serve(fromNode(app), { port: 0 })).port;
}
