import { toDurableObject, toWorker } from "dram/workers";
import { application } from "./application.ts";
import { roomOf, websocket } from "./rooms.ts";

interface Env {
  readonly ROOMS: DurableObjectNamespace;
}

/** One object for each room: those in it are each other's peers, and it sleeps while nobody speaks. */
export const Room = toDurableObject(application, { websocket });

export default toWorker(application, {
  durableObject(environ, env: Env) {
    const room = roomOf(environ);
    return room === undefined ? undefined : env.ROOMS.getByName(room);
  },
});
