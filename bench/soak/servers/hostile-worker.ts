import { toWorker, type WorkerFetch } from "dram/workers";
import { application } from "./hostile.ts";

const worker: WorkerFetch = toWorker(application);

export default worker;
