// What area.ts runs in workerd, each as users would write it: JavaScript, for no
// compiler here knows both Node and workerd.

import { toDurableObject, toWorker } from "dram/workers";

const page = (_environ, startResponse) => {
  startResponse("200 OK", []);
  return [];
};
const websocket = { message: (connection, data) => connection.send(data) };

export const DramObject = toDurableObject(page, { websocket });

export class BareObject {
  constructor(state) {
    this.state = state;
  }

  fetch() {
    const { 0: client, 1: server } = new WebSocketPair();
    this.state.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  webSocketMessage(socket, data) {
    socket.send(data);
  }

  webSocketClose(socket) {
    socket.close();
  }
}

const bare = {
  fetch() {
    const { 0: client, 1: server } = new WebSocketPair();
    server.accept();
    server.addEventListener("message", ({ data }) => server.send(data));
    return new Response(null, { status: 101, webSocket: client });
  },
};

const candidates = {
  bare,
  dram: toWorker(page, { websocket }),
  "bare object": { fetch: (request, env) => env.BARE.getByName("room").fetch(request) },
  "dram object": toWorker(page, { durableObject: (_environ, env) => env.DRAM.getByName("room") }),
};

export default {
  fetch: (request, env, ctx) => candidates[env.NAME].fetch(request, env, ctx),
};
