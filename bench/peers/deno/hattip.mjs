import { createServeHandler } from "@hattip/adapter-deno";
import { handler } from "../applications/hattip.mjs";

export default { fetch: createServeHandler(handler) };
