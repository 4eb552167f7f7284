import { serve } from "dram/deno";
import { application } from "./application.ts";

const { url } = await serve(application, { port: Number(Deno.args[0] ?? 8000) });
console.log(`live numbers are at ${url} (Ctrl-C stops it)`);
