import { type LambdaHandler, toLambda } from "dram/lambda";
import { application } from "./application.ts";

export const handler: LambdaHandler = toLambda(application);
