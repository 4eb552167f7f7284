import { type DenoFetch, toDeno } from "dram/deno";
import { application } from "./asgi.ts";

const entry: DenoFetch = toDeno(application);
export default entry;
