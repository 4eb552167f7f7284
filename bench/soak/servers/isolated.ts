// A process of its own for one part of a soak. It is given a module, a function and a number, and
// sends what the function makes of it.

import type { Outcome } from "../part.ts";

type Run = (size: number) => Promise<Outcome>;

const [module = "", name = "", size] = process.argv.slice(2);
const functions: Record<string, Run> = await import(new URL(module, import.meta.url).href);
process.send?.(await functions[name]?.(Number(size)));
