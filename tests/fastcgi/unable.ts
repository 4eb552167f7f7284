// A program whose workers end before they serve.

import cluster from "node:cluster";

if (cluster.isWorker) {
  process.exit(7);
}

export { application } from "./application.ts";
