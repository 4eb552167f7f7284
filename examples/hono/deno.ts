import { serve } from "dram/deno";
import { fromFetch } from "dram/from/fetch";
import { app } from "./app.ts";

const { url } = await serve(fromFetch(app.fetch), { port: Number(Deno.args[0] ?? 8000) });
console.log(`notes are at ${url} (Ctrl-C stops it)`);
