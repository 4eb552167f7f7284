import { toWorker } from "dram/workers";
import { application } from "./application.ts";

export default toWorker(application);
