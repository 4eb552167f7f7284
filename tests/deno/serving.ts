// What `deno serve` is to serve.

import { type DenoFetch, toDeno } from "dram/deno";
import { application } from "./environs.ts";

const entry: DenoFetch = toDeno(application);
export default entry;
