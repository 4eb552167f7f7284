import { toLambdaHandler } from "srvx/aws-lambda";
import { fetch } from "../applications/lambda-fetch.mjs";

export const handler = toLambdaHandler({ fetch });
