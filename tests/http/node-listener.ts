import { type IncomingMessage, ServerResponse } from "node:http";
import type { Application, GatewayOptions } from "dram";
import { type NodeListener, toNode } from "dram/node";
import { application, wrong } from "./application.ts";

/** The applications of the tests behind one listener, with the paths that `router.ts` tells of. */
export function createListener(options: GatewayOptions): NodeListener {
  const main = toNode(application, options);
  const mounted = toNode(application, { ...options, scriptName: "/mnt", maxBodySize: 1000 });
  const broken = new Map(
    Object.entries(wrong).map(([name, value]) => [
      `/wrong/${name}`,
      toNode(asApplication(value), options),
    ]),
  );
  return (request, response) => {
    const path = request.url ?? "";
    if (path.startsWith("/sync?")) {
      request.url = path.slice(6);
      response.end(isAnswered(main, request as IncomingMessage) ? "at once" : "a promise");
      return;
    }
    const listener = broken.get(path) ?? (path.startsWith("/mnt") ? mounted : main);
    listener(request, response);
  };
}

/** Whether a response is complete when the listener has returned. */
function isAnswered(listener: NodeListener, request: IncomingMessage): boolean {
  const response = new ServerResponse(request);
  listener(request, response);
  return response.writableEnded;
}

/** What JavaScript lets anybody hand over, whatever the types say. */
function asApplication(value: unknown): Application {
  return value as Application;
}
