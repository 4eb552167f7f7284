// The function that each of AWS's gateways is to invoke.

import { application } from "dram/conformance";
import { toLambda, toLambdaStream } from "dram/lambda";

const { MOUNT: scriptName = "", STREAM } = process.env;

export const handler =
  STREAM === undefined
    ? toLambda(application, { scriptName })
    : toLambdaStream(application, { scriptName });
