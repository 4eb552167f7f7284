// A Lambda function that streams. One invocation at a time reaches it, so it tells of itself on its
// standard output when it is sent a signal.

import { type LambdaHandler, type LambdaStreamHandler, toLambdaStream } from "dram/lambda";
import { application, stateOf } from "../application.ts";

export const handler: LambdaHandler | LambdaStreamHandler = toLambdaStream(application);

// Not by console.log, to which the runtime client adds.
process.stdout.write(`pid ${process.pid}\n`);
process.on("SIGUSR2", async () => {
  process.stdout.write(`state ${JSON.stringify(await stateOf())}\n`);
});
