// What the build puts beside these modules.

declare module "*.bin" {
  const bytes: ArrayBuffer;
  export default bytes;
}

declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

declare module "*/pyodide.mjs" {
  export const loadPyodide: import("./interpreter.ts").Load;
}

declare module "*/pyodide.asm.mjs" {
  const createModule: import("./interpreter.ts").CreateModule;
  export default createModule;
}
