// What `deno serve` is to serve.

import { type DenoFetch, toDeno } from "dram/deno";
import { application, websocket } from "./application.ts";

const entry: DenoFetch = toDeno(application, { websocket });
export default entry;
