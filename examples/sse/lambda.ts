import { type LambdaHandler, type LambdaStreamHandler, toLambdaStream } from "dram/lambda";
import { application } from "./application.ts";

/** For a function URL with invoke mode RESPONSE_STREAM. */
export const handler: LambdaHandler | LambdaStreamHandler = toLambdaStream(application);
