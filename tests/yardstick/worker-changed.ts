import { toWorker } from "dram/workers";
import { changed } from "./hono.ts";

export default toWorker(changed);
