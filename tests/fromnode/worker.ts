import { fromNode } from "dram/from/node";
import { toWorker } from "dram/workers";

export default toWorker(fromNode((_request, response) => response.end("of a listener")));
