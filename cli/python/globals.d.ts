// The part of WebAssembly that is used here; Node's types have none of it.

declare namespace WebAssembly {
  class Module {
    constructor(bytes: ArrayBufferView);
  }
  class CompileError extends Error {}
  interface Instance {
    readonly exports: object;
  }
  function compile(bytes: ArrayBufferView): Promise<Module>;
  function instantiate(module: Module, imports: object): Promise<Instance>;
}
