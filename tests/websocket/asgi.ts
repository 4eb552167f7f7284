// An application of ASGI with WebSockets, for Workers and Deno.

import type { Application } from "dram";
import { type AsgiApplication, fromAsgi } from "dram/asgi";

const asgi: AsgiApplication = async (scope, receive, send) => {
  if (scope.type === "lifespan") {
    await receive();
    await send({ type: "lifespan.startup.complete" });
    await receive();
    console.error("shut down");
    await send({ type: "lifespan.shutdown.complete" });
    return;
  }
  if (scope.type === "http") {
    await send({ type: "http.response.start", status: 200, headers: [] });
    await send({ type: "http.response.body", body: new TextEncoder().encode(scope.path) });
    return;
  }
  await receive();
  await send({ type: "websocket.accept", subprotocol: scope.subprotocols?.[0] ?? null });
  for (;;) {
    const event = await receive();
    if (event.type !== "websocket.receive") {
      return;
    }
    await send({ type: "websocket.send", text: `${scope.path}: ${event.text}` });
  }
};

export const application: Application = fromAsgi(asgi);
