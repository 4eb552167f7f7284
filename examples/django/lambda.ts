import { fromPython } from "dram/from/python";
import { type LambdaHandler, toLambda } from "dram/lambda";
import { django } from "./environment.ts";
import runtime from "./python/index.js";

const application = fromPython({
  app: "readinglist.wsgi:application",
  runtime,
  environment: django(process.env),
});
// While Lambda starts the function, which it does not charge to a request.
await application.ready();

export const handler: LambdaHandler = toLambda(application);
