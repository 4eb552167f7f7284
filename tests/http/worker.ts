import { toWorker, type WorkerContext } from "dram/workers";
import { route } from "./router.ts";

export default {
  fetch: route<[env: unknown, ctx: WorkerContext]>((application, options) => {
    const worker = toWorker(application, options ?? {});
    return (request, env, ctx) => worker.fetch(request, env, ctx);
  }),
};
