// A process of its own for one server. It is given what to serve as JSON, and says where it listens.

import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createHttp2Server, createSecureServer } from "node:http2";
import { createServer as createSecureHttpServer } from "node:https";
import type { Application, GatewayOptions, WebSocketHandlers } from "dram";
import { type NodeListener, type ServeOptions, serve } from "dram/node";
import type { NodeServerSpec } from "./node.ts";

interface Module {
  readonly application?: Application;
  readonly websocket?: WebSocketHandlers;
  readonly createListener?: (options: GatewayOptions) => NodeListener;
}

const { module, protocol, tls, options = {} }: NodeServerSpec = JSON.parse(process.argv[2] ?? "");
const loaded: Module = await import(module);

if (loaded.createListener !== undefined) {
  await listen(loaded.createListener(options as GatewayOptions));
} else if (loaded.application !== undefined) {
  const { url, port } = await serve(loaded.application, {
    port: 0,
    http2: protocol === "h2" || protocol === "h2c",
    ...(tls === undefined ? {} : { tls }),
    ...(loaded.websocket === undefined ? {} : { websocket: loaded.websocket }),
    ...(options as ServeOptions),
  });
  process.send?.({ url, port });
}

/** A server as a user may make it. */
async function listen(listener: NodeListener): Promise<void> {
  const secure = { ...tls, allowHTTP1: true };
  const server = {
    http: () => createServer(listener),
    https: () => createSecureHttpServer(secure, listener),
    h2: () => createSecureServer(secure, listener),
    h2c: () => createHttp2Server(listener),
  }[protocol]();
  server.on("checkContinue", listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const scheme = tls === undefined ? "http" : "https";
  process.send?.({ url: `${scheme}://127.0.0.1:${port}`, port });
}
