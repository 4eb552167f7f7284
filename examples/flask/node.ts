import { fromPython } from "dram/from/python";
import { serve } from "dram/node";
import runtime from "./python/index.js";

const application = fromPython({
  app: "app:app",
  runtime,
  environment: { SECRET_KEY: process.env.SECRET_KEY ?? "" },
});
await application.ready();

const { url } = await serve(application, { port: Number(process.env.PORT ?? 8000) });
console.log(`the pinboard is at ${url} (Ctrl-C stops it)`);
