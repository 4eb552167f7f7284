import { toWorker } from "dram/workers";
import { createApplication } from "../../examples/sse/application.ts";

/** Fast, so that no test has to wait for the clock. */
export default toWorker(createApplication({ interval: 50, perResponse: 4 }));
