import { toWorker } from "dram/workers";
import { application } from "./hono.ts";

export default toWorker(application);
