// A build of `dram python build` as a function: its environment says which.

import { fromPython } from "dram/from/python";
import { type LambdaHandler, toLambda } from "dram/lambda";
import type { Served } from "./platforms.ts";

const { app, build }: Served = JSON.parse(process.env.SERVED ?? "");
const { default: runtime } = await import(build);

export const handler: LambdaHandler = toLambda(fromPython({ app, runtime }));
