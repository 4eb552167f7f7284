import { application, websocket } from "dram/conformance";
import { toDurableObject, toWorker, type WorkerContext } from "dram/workers";

const plain = toWorker(application, { websocket });
const mounted = toWorker(application, { websocket, scriptName: "/mnt" });

export const Suite = toDurableObject(application, { websocket });
export const Mounted = toDurableObject(application, { websocket, scriptName: "/mnt" });

interface Env {
  readonly MOUNT: string;
  readonly IN?: "object";
  readonly SUITE: DurableObjectNamespace;
  readonly MOUNTED: DurableObjectNamespace;
}

export default {
  fetch(request: Request, env: Env, ctx: WorkerContext) {
    const isPlain = env.MOUNT === "";
    if (env.IN === "object") {
      return (isPlain ? env.SUITE : env.MOUNTED).getByName("suite").fetch(request);
    }
    return (isPlain ? plain : mounted).fetch(request, env, ctx);
  },
};
