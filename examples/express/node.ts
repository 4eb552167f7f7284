import { serve } from "dram/node";
import { application } from "./application.ts";

const { url } = await serve(application, { port: Number(process.env.PORT ?? 8000) });
console.log(`the guest book is at ${url} (Ctrl-C stops it)`);
