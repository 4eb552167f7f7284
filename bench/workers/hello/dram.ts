import { text } from "dram";
import { toWorker, type WorkerFetch } from "dram/workers";

const worker: WorkerFetch = toWorker((_environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain; charset=utf-8"]]);
  return text("Hello, world\n");
});

export default worker;
