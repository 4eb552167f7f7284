import { toLambda, toLambdaStream } from "dram/lambda";
import { application } from "./served.ts";

const { MOUNT: scriptName = "", STREAM } = process.env;

export const handler =
  STREAM === undefined
    ? toLambda(application, { scriptName })
    : toLambdaStream(application, { scriptName });
