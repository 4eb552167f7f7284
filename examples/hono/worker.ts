import { fromFetch } from "dram/from/fetch";
import { toWorker } from "dram/workers";
import { app } from "./app.ts";

export default toWorker(fromFetch(app.fetch));
