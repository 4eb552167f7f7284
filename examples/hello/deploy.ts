import { type DenoFetch, toDeno } from "dram/deno";
import { application } from "./application.ts";

/** For `deno serve` and Deno Deploy. */
const entry: DenoFetch = toDeno(application);
export default entry;
