import { toWorker, type WorkerFetch } from "dram/workers";
import { application } from "../application.ts";

const worker: WorkerFetch = toWorker(application);

export default worker;
