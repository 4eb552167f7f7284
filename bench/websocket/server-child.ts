// A process of its own for one candidate of area.ts: tells its parent its port, and answers "resident"
// and "heap" with bytes after a collection.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Application, text } from "dram";
import { type AsgiApplication, fromAsgi } from "dram/asgi";
import { serve } from "dram/node";
import { WebSocketServer } from "ws";

const application: Application = (_environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return text("Hello, world\n");
};

/** Texts alone, as each candidate's users would echo them. */
const asgi: AsgiApplication = async (scope, receive, send) => {
  if (scope.type !== "websocket") {
    throw new Error(`no ${scope.type}`);
  }
  await receive();
  await send({ type: "websocket.accept" });
  for (;;) {
    const event = await receive();
    if (event.type !== "websocket.receive") {
      return;
    }
    await send({ type: "websocket.send", text: event.text ?? "" });
  }
};

async function bare(): Promise<number> {
  const server = createServer();
  new WebSocketServer({ server, clientTracking: false }).on("connection", (client) => {
    client.on("error", () => {});
    client.on("message", (data, binary) => client.send(data, { binary }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

const candidates: Record<string, () => Promise<number | undefined>> = {
  bare,
  dram: async () =>
    (
      await serve(application, {
        port: 0,
        websocket: { message: (connection, data) => connection.send(data) },
      })
    ).port,
  "dram asgi": async () => (await serve(fromAsgi(asgi), { port: 0 })).port,
};

process.send?.(await candidates[process.argv[2] ?? ""]?.());
process.on("message", (question) => {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send?.(question === "heap" ? heapUsed + external : rss);
});
