import { toWorker } from "dram/workers";
import { application } from "./asgi.ts";

export default toWorker(application);
