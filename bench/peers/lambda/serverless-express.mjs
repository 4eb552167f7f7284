import serverlessExpress from "@codegenie/serverless-express";
import { app } from "../applications/express.mjs";

export const handler = serverlessExpress({
  app,
  binarySettings: { contentTypes: ["application/octet-stream"] },
});
