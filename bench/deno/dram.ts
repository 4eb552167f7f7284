import { type DenoFetch, toDeno } from "dram/deno";
import { application } from "../application.ts";

const served: DenoFetch = toDeno(application);

export default served;
