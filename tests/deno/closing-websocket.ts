// Run by Deno: what is over when `close()` resolves. Prints what it finds as JSON.

import { text } from "dram";
import { serve } from "dram/deno";

let isOver = false;
const server = await serve(
  (_environ, startResponse) => {
    startResponse("200 OK", []);
    return text("");
  },
  {
    port: 0,
    websocket: {
      message() {},
      async disconnect() {
        await new Promise((resolve) => setTimeout(resolve, 100));
        isOver = true;
      },
    },
  },
);
const client = new WebSocket(server.url.replace("http", "ws"));
await new Promise((resolve) => client.addEventListener("open", resolve));
const closed = new Promise<CloseEvent>((resolve) => client.addEventListener("close", resolve));
await server.close();
console.log(JSON.stringify({ isOver, code: (await closed).code }));
