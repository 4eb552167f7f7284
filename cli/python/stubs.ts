/**
 * Records the small WebAssembly modules that Pyodide compiles as it goes, which workerd would not.
 *
 * @returns Ends the recording and gives the modules by their bytes in hexadecimal.
 */
export function recordStubs(): () => ReadonlyMap<string, Uint8Array> {
  const stubs = new Map<string, Uint8Array>();
  const { Module, compile, instantiate } = WebAssembly;
  function record(source: unknown): void {
    if (ArrayBuffer.isView(source) && source.byteLength <= LARGEST) {
      const bytes = new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
      stubs.set(Buffer.from(bytes).toString("hex"), bytes.slice());
    }
  }
  Object.assign(WebAssembly, {
    Module: new Proxy(Module, {
      construct(target, values) {
        record(values[0]);
        return Reflect.construct(target, values);
      },
    }),
    compile: recording(compile, record),
    instantiate: recording(instantiate, record),
  });
  return () => {
    Object.assign(WebAssembly, { Module, compile, instantiate });
    return stubs;
  };
}

/** Bytes. The largest stub has 493; what is larger is no stub, but Pyodide itself. */
const LARGEST = 4096;

function recording<Function extends (source: never, ...others: never[]) => unknown>(
  call: Function,
  record: (source: unknown) => void,
): Function {
  return new Proxy(call, {
    apply(target, self, values) {
      record(values[0]);
      return Reflect.apply(target, self, values);
    },
  });
}
