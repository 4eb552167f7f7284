// dram/from/python: leaks across the bridge, under requests of every kind.

import { fileURLToPath } from "node:url";
import { toFetch } from "dram/fetch";
import { fromPython } from "dram/from/python";
import { loadPyodide } from "pyodide";
import { count, judge, mib, type Outcome } from "./part.ts";

const PATHS = ["/hello", "/streams", "/writes", "/late", "/fails", "/file", "/bad_header", "/head"];

/** In the process that it is called in. */
export async function python(requests: number): Promise<Outcome> {
  let memory: () => number = () => 0;
  const application = fromPython({
    app: "memory:app",
    site: [fileURLToPath(new URL("../../tests/python/apps", import.meta.url))],
    runtime: {
      async loadPyodide(options) {
        const pyodide = await loadPyodide(options);
        memory = () => Reflect.get(Reflect.get(pyodide, "_module"), "HEAP8").length;
        return pyodide;
      },
    },
  });
  await application.ready();
  const handle = toFetch(application, { errors: { write() {}, writelines() {}, flush() {} } });
  const send = async (path: string, init?: RequestInit): Promise<Response> =>
    handle(new Request(`http://localhost${path}`, init));

  await mixed(requests / 10, send);
  const before = await state(send, memory);
  await mixed(requests, send);
  const after = await state(send, memory);
  const objects = after.objects - before.objects;
  const heap = after.heap - before.heap;
  const wasm = after.wasm - before.wasm;
  return judge(
    after.held === 0 && wasm === 0 && objects < requests / 10 && heap < 2 * 2 ** 20,
    `${count(requests)} requests: ${after.held} that Python still holds, ${objects} more objects of Python's, WebAssembly ${mib(wasm)}, heap ${mib(heap)}`,
  );
}

type Send = (path: string, init?: RequestInit) => Promise<Response>;

async function mixed(requests: number, send: Send): Promise<void> {
  for (let index = 0; index < requests; index++) {
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

interface Memory {
  readonly held: number;
  readonly objects: number;
  readonly wasm: number;
  readonly heap: number;
}

async function state(send: Send, memory: () => number): Promise<Memory> {
  const [held, objects]: [number, number] = JSON.parse(await (await send("/memory")).text());
  globalThis.gc?.();
  return { held, objects, wasm: memory(), heap: process.memoryUsage().heapUsed };
}
