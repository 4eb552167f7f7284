// A process of Deno's for area.ts: prints its port.

import { serve } from "dram/deno";

const websocket = { message: (connection, data) => connection.send(data) };
const page = (_environ, startResponse) => {
  startResponse("200 OK", []);
  return [];
};

function bare(request) {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }) => socket.send(data);
  return response;
}

const port =
  Deno.args[0] === "bare"
    ? Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, bare).addr.port
    : (await serve(page, { port: 0, websocket })).port;
console.log(port);
