import { toWorker } from "dram/workers";
import { application } from "./handler.ts";

export default toWorker(application);
