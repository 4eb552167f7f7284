// A build of `dram python build` for Cloudflare Workers. Wrangler needs no rules for it.
import type { PythonRuntime } from "../../../frameworks/python/mod.ts";
import { described, start } from "./interpreter.ts";
import site from "./site.bin";
import snapshot from "./snapshot.bin";
import createModule from "./workers/pyodide.asm.mjs";
import { loadPyodide as load } from "./workers/pyodide.mjs";
import written from "./written.bin";

// There with nodejs_compat; an import would keep a Worker without it from starting.
const crypto = globalThis.process?.getBuiltinModule?.("node:crypto");

const runtime: PythonRuntime = described({
  loadPyodide(options) {
    const location = { indexURL: "/pyodide/", stdLibURL: "stdlib.bin" };
    return start(
      {
        load,
        createModule,
        location,
        site: new Uint8Array(site),
        snapshot: new Uint8Array(snapshot),
        written: new Uint8Array(written),
      },
      options,
    );
  },
  ...(crypto === undefined ? {} : { crypto }),
});

export default runtime;
