// A Worker that has forgotten the option `runtime`.

import { fromPython } from "dram/from/python";
import { toWorker, type WorkerFetch } from "dram/workers";

const worker: WorkerFetch = toWorker(fromPython({ app: "app:app" }));

export default worker;
