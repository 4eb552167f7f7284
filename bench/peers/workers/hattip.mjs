import adapter from "@hattip/adapter-cloudflare-workers/no-static";
import { handler } from "../applications/hattip.mjs";

export default { fetch: adapter(handler) };
