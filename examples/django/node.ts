import { fromPython } from "dram/from/python";
import { serve } from "dram/node";
import { django } from "./environment.ts";
import runtime from "./python/index.js";

const application = fromPython({
  app: "readinglist.wsgi:application",
  runtime,
  environment: django(process.env),
});
await application.ready();

const { url } = await serve(application, { port: Number(process.env.PORT ?? 8000) });
console.log(`the reading list is at ${url} (Ctrl-C stops it)`);
