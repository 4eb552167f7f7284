import { fromFetch } from "dram/from/fetch";
import { type LambdaHandler, toLambda } from "dram/lambda";
import { app } from "./app.ts";

/** For API Gateway, a function URL, a load balancer, VPC Lattice or CloudFront. */
export const handler: LambdaHandler = toLambda(fromFetch(app.fetch));
