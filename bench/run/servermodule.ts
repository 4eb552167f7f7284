import { start, stop, told } from "./process.ts";
import type { Server } from "./servers.ts";

/** Starts a module that exports `listen`, which resolves to a port, as a process of its own. */
export async function startModule(name: string, module: URL): Promise<Server> {
  const child = start(new URL("./server-child.ts", import.meta.url), [module.href]);
  return { name, port: await told<number>(child), pid: child.pid, close: () => stop(child) };
}
