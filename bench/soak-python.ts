// `npm run soak:python`: leaks of dram/from/python under 10,000 mixed requests. Exits with 1 if a
// figure is missed.

import { fileURLToPath } from "node:url";
import { toFetch } from "dram/fetch";
import { fromPython } from "dram/from/python";
import { loadPyodide } from "pyodide";
import { MIB, tell } from "./soaking.ts";

const REQUESTS = 10_000;
const PATHS = ["/hello", "/streams", "/writes", "/late", "/fails", "/file", "/bad_header", "/head"];

let memory: () => number = () => 0;
const python = fromPython({
  app: "memory:app",
  site: [fileURLToPath(new URL("../tests/python/apps", import.meta.url))],
  runtime: {
    async loadPyodide(options) {
      const pyodide = await loadPyodide(options);
      memory = () => Reflect.get(Reflect.get(pyodide, "_module"), "HEAP8").length;
      return pyodide;
    },
  },
});
await python.ready();
const handle = toFetch(python, { errors: { write() {}, writelines() {}, flush() {} } });

await requests(1000);
const before = await state();
const begun = performance.now();
await requests(REQUESTS);
const after = await state();
const seconds = ((performance.now() - begun) / 1000).toFixed(1);
console.log(`${REQUESTS} requests in ${seconds} s`);
tell(after.held === 0, `${after.held} requests that Python still holds`);
tell(after.wasm === before.wasm, `WebAssembly ${mib(before.wasm)}, then ${mib(after.wasm)}`);
tell(
  after.objects - before.objects < REQUESTS / 10,
  `objects of Python's ${before.objects}, then ${after.objects}`,
);
tell(after.heap - before.heap < 2 * MIB, `heap ${mib(before.heap)}, then ${mib(after.heap)}`);
console.log(`resident ${mib(process.memoryUsage().rss)}`);

async function requests(count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const kind = index % 10;
    if (kind === 0) {
      const response = await send("/endless");
      await response.body?.cancel();
    } else if (kind === 1) {
      const body = new Uint8Array(10_000);
      await (await send("/read", { method: "POST", body })).arrayBuffer();
    } else {
      await (await send(PATHS[kind - 2] ?? "/hello")).arrayBuffer();
    }
  }
}

async function send(path: string, init?: RequestInit): Promise<Response> {
  return handle(new Request(`http://localhost${path}`, init));
}

async function state(): Promise<{ held: number; objects: number; wasm: number; heap: number }> {
  const [held, objects]: [number, number] = JSON.parse(await (await send("/memory")).text());
  globalThis.gc?.();
  return { held, objects, wasm: memory(), heap: process.memoryUsage().heapUsed };
}

function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}
