import type { RequestListener } from "node:http";
import { fromNode } from "dram/from/node";
import { type LambdaHandler, toLambda } from "dram/lambda";

const { listener }: { listener: RequestListener } = await import(
  String(new URL("../peers/applications/listener.mjs", import.meta.url))
);

export const handler: LambdaHandler = toLambda(fromNode(listener));
