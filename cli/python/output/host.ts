// In a Worker, Pyodide sees these in place of the globals of the same names: each of its modules
// begins with an import of them. Nothing that others see is changed.
import wasm from "./pyodide/pyodide.asm.wasm";
import stdlib from "./stdlib.bin";
import { stubs } from "./stubs.js";

const { CompileError, Module, instantiate } = WebAssembly;

/** What `instantiate` gives for bytes. */
interface Instantiated {
  readonly module: WebAssembly.Module;
  readonly instance: WebAssembly.Instance;
}

/**
 * workerd compiles no WebAssembly out of bytes. The modules that Pyodide makes as it goes, adapters
 * of one signature to another, have been recorded by the build, and are deployed.
 */
const hosted: object = Object.setPrototypeOf(
  {
    Module: new Proxy(Module, { construct: (_, [bytes]) => recorded(bytes) }),
    async compile(bytes: ArrayBufferView): Promise<WebAssembly.Module> {
      return recorded(bytes);
    },
    async instantiate(
      source: WebAssembly.Module | ArrayBufferView,
      imports: object,
    ): Promise<WebAssembly.Instance | Instantiated> {
      return source instanceof Module
        ? instantiate(source, imports)
        : instantiated(recorded(source), imports);
    },
    /** Of the one module that is fetched. */
    instantiateStreaming(_: unknown, imports: object): Promise<Instantiated> {
      return instantiated(wasm, imports);
    },
  },
  WebAssembly,
);

export { hosted as WebAssembly };

async function instantiated(module: WebAssembly.Module, imports: object): Promise<Instantiated> {
  return { module, instance: await instantiate(module, imports) };
}

function recorded(bytes: ArrayBufferView): WebAssembly.Module {
  const view = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const hex = Array.from(view, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const stub = stubs.get(hex);
  if (stub === undefined) {
    const message = `the build has recorded no WebAssembly of these ${view.length} bytes, and workerd compiles none: ${hex}`;
    // Pyodide takes the exception for a platform that is poorer than this one, and goes on.
    console.error(message);
    throw new CompileError(message);
  }
  return stub;
}

/** Pyodide fetches two files: its WebAssembly, which is there already, and the standard library. */
export async function fetch(_: unknown): Promise<unknown> {
  return { ok: true, arrayBuffer: async () => stdlib };
}

/** Events of a window, with a flag that workerd refuses. */
export function addEventListener(): void {}

/** Of no meaning, but paths are resolved against it. */
export const location: URL = new URL("file:///pyodide/");

/** Modules of Node, which Pyodide asks for on Node only. */
export async function importBuiltin(name: string): Promise<never> {
  throw new TypeError(`there is no ${name} here`);
}

/** Of CommonJS. */
export const module: undefined = undefined;

/** There is one with `nodejs_compat`, and Pyodide would take workerd for Node. */
export const process: undefined = undefined;

const hidden: Readonly<Record<PropertyKey, unknown>> = { addEventListener, location, process };

const hiding: object = new Proxy(globalThis, {
  get: (target, name) =>
    Object.hasOwn(hidden, name) ? hidden[name] : Reflect.get(target, name, target),
});

export { hiding as globalThis };
