import { toDurableObject, toWorker } from "dram/workers";
import { application, websocket } from "./application.ts";

interface Env {
  readonly ROOM: DurableObjectNamespace;
  readonly IN?: "object";
}

let instances = 0;

/** Its handlers can tell which life of the object they are in, and have its storage. */
export const Room = toDurableObject(application, {
  websocket(state: DurableObjectState, _env: Env) {
    const instance = ++instances;
    return {
      ...websocket,
      async message(connection, data) {
        if (data === "instance") {
          connection.send(`instance ${instance}`);
        } else if (data === "store") {
          const total = 1 + ((await state.storage.get<number>("total")) ?? 0);
          await state.storage.put("total", total);
          connection.send(`total ${total}`);
        } else {
          await websocket.message(connection, data);
        }
      },
    };
  },
});

const alone = toWorker(application, { websocket });

const routing = toWorker(application, {
  durableObject({ PATH_INFO }, env: Env) {
    if (PATH_INFO === "/broken") {
      throw new Error("no such room");
    }
    return PATH_INFO === "/page" ? undefined : env.ROOM.getByName(PATH_INFO);
  },
});

export default {
  fetch: (request: Request, env: Env, ctx: ExecutionContext) =>
    (env.IN === "object" ? routing : alone).fetch(request, env, ctx),
};
