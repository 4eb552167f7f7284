import { fromFetch } from "dram/from/fetch";
import { serve } from "dram/node";
import { app } from "./app.ts";

const { url } = await serve(fromFetch(app.fetch), { port: Number(process.env.PORT ?? 8000) });
console.log(`notes are at ${url} (Ctrl-C stops it)`);
