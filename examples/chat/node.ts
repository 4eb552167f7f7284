import { serve } from "dram/node";
import { application } from "./application.ts";
import { websocket } from "./rooms.ts";

const port = Number(process.env.PORT ?? 8000);
const { url } = await serve(application, { websocket, port });
console.log(`chat is at ${url} (Ctrl-C stops it)`);
