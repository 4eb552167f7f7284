// A process of Deno's for one server. It is given what to serve as JSON, and prints where it listens.

import type { Application, WebSocketHandlers } from "dram";
import { serve } from "dram/deno";
import type { DenoServerSpec } from "./deno.ts";

interface Module {
  readonly application: Application;
  readonly websocket?: WebSocketHandlers;
}

const { module, options = {} }: DenoServerSpec = JSON.parse(process.argv[2] ?? "");
const { application, websocket }: Module = await import(module);
const { url, port } = await serve(application, {
  ...(options.path === undefined ? { port: 0 } : {}),
  ...(websocket === undefined ? {} : { websocket }),
  ...options,
});
console.log(JSON.stringify({ url, port }));
