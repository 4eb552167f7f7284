import { toLambda } from "dram/lambda";
import { application } from "./handler.ts";

export const handler = toLambda(application);
