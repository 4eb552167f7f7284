import { application } from "dram/conformance";
import { toWorker, type WorkerContext } from "dram/workers";

const plain = toWorker(application);
const mounted = toWorker(application, { scriptName: "/mnt" });

export default {
  fetch(request: Request, env: { MOUNT: string }, ctx: WorkerContext) {
    return (env.MOUNT === "" ? plain : mounted).fetch(request, env, ctx);
  },
};
