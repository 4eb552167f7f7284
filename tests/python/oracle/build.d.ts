declare module "python-build" {
  import type { PythonRuntime } from "dram/from/python";

  const runtime: PythonRuntime;
  export default runtime;
}

/** What a Worker serves, put in by the bundler. */
declare const SERVED: { readonly app: string; readonly mount: string };
