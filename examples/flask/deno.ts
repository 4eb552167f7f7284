import { serve } from "dram/deno";
import { fromPython } from "dram/from/python";
import runtime from "./python/index.js";

const application = fromPython({
  app: "app:app",
  runtime,
  environment: { SECRET_KEY: Deno.env.get("SECRET_KEY") ?? "" },
});
await application.ready();

const { url } = await serve(application, { port: Number(Deno.args[0] ?? 8000) });
console.log(`the pinboard is at ${url} (Ctrl-C stops it)`);
