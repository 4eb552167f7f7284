/** Modules by their bytes in hexadecimal. */
export const stubs: ReadonlyMap<string, WebAssembly.Module>;
