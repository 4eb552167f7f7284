// What `npm run start:flask` has `dram python build` make in the folder python.

declare module "*/python/index.js" {
  const runtime: import("dram/from/python").PythonRuntime;
  export default runtime;
}

declare module "*/python/worker.js" {
  const runtime: import("dram/from/python").PythonRuntime;
  export default runtime;
}
