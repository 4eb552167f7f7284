import { Logger } from "@aws-lambda-powertools/logger";
import {
  type LambdaHandler,
  type LambdaStreamHandler,
  toLambda,
  toLambdaStream,
} from "dram/lambda";
import { application } from "./application.ts";

const logger = new Logger({ serviceName: "hello" });

/** Streams behind a function URL or a REST API that streams; answers whole behind anything else. */
export const handler: LambdaHandler | LambdaStreamHandler = toLambdaStream(application, { logger });

/** Answers whole behind everything. A REST API that does not stream needs this one. */
export const buffered: LambdaHandler = toLambda(application, { logger });
