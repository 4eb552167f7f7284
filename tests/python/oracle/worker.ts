import { fromPython } from "dram/from/python";
import { toWorker, type WorkerFetch } from "dram/workers";
import runtime from "python-build";

const worker: WorkerFetch = toWorker(fromPython({ app: SERVED.app, runtime }), {
  scriptName: SERVED.mount,
});
export default worker;
