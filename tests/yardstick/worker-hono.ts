// As Hono's documentation has it: no dram at all.

export { app as default } from "./hono.ts";
