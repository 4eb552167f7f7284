import { env } from "cloudflare:workers";
import { fromPython } from "dram/from/python";
import { toWorker } from "dram/workers";
import { django } from "./environment.ts";
import runtime from "./python/worker.js";

// Secrets: npx wrangler secret put DJANGO_SECRET_KEY
const environment = django(env);

export default toWorker(fromPython({ app: "readinglist.wsgi:application", runtime, environment }));
