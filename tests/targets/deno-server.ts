// A process of Deno's for one server. It is given what to serve as JSON, and prints where it listens.

import type { Application } from "dram";
import { serve } from "dram/deno";
import type { DenoServerSpec } from "./deno.ts";

const { module, options = {} }: DenoServerSpec = JSON.parse(process.argv[2] ?? "");
const { application }: { application: Application } = await import(module);
const { url, port } = await serve(
  application,
  options.path === undefined ? { port: 0, ...options } : options,
);
console.log(JSON.stringify({ url, port }));
