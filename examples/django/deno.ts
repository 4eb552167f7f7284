import { serve } from "dram/deno";
import { fromPython } from "dram/from/python";
import { django } from "./environment.ts";
import runtime from "./python/index.js";

const application = fromPython({
  app: "readinglist.wsgi:application",
  runtime,
  environment: django(Deno.env.toObject()),
});
await application.ready();

const { url } = await serve(application, { port: Number(Deno.args[0] ?? 8000) });
console.log(`the reading list is at ${url} (Ctrl-C stops it)`);
