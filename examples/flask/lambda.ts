import { fromPython } from "dram/from/python";
import { type LambdaHandler, toLambda } from "dram/lambda";
import runtime from "./python/index.js";

const application = fromPython({
  app: "app:app",
  runtime,
  environment: { SECRET_KEY: process.env.SECRET_KEY ?? "" },
});
// While Lambda starts the function, which it does not charge to a request.
await application.ready();

export const handler: LambdaHandler = toLambda(application);
