import { env } from "cloudflare:workers";
import { fromPython } from "dram/from/python";
import { toWorker } from "dram/workers";
import runtime from "./python/worker.js";

// A secret: npx wrangler secret put SECRET_KEY
const { SECRET_KEY = "" }: { SECRET_KEY?: string } = env;

export default toWorker(fromPython({ app: "app:app", runtime, environment: { SECRET_KEY } }));
