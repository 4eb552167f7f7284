// Compiled, never run: the published signatures meet Cloudflare's own types.

import type { Application, WebSocketHandlers } from "dram";
import {
  toDurableObject,
  toWorker,
  type WorkerContext,
  type WorkerObjectState,
  type WorkerObjectStub,
  type WorkerSocket,
} from "dram/workers";

declare const application: Application;

interface Env {
  readonly BUCKET: R2Bucket;
}

export const plain: ExportedHandler<Env> = toWorker(application);

export const full: ExportedHandler<Env, { id: number }> = toWorker(application, {
  scriptName: "/app",
  async scheduled(controller: ScheduledController, env: Env, ctx: ExecutionContext): Promise<void> {
    ctx.waitUntil(env.BUCKET.put(String(controller.scheduledTime), ""));
  },
  async queue(batch: MessageBatch<{ id: number }>, _env: Env): Promise<void> {
    batch.ackAll();
  },
  async email(message: ForwardableEmailMessage): Promise<void> {
    message.setReject("no");
  },
  tail(_events: TraceItem[]): void {},
  trace(_traces: TraceItem[]): void {},
});

declare const ctx: ExecutionContext;
export const context: WorkerContext = ctx;

// The handlers keep their own types.
declare const controller: ScheduledController;
declare const env: Env;
export const scheduled: Promise<void> = toWorker(application, {
  async scheduled(_controller: ScheduledController, _env: Env): Promise<void> {},
}).scheduled(controller, env);

// Durable Objects and their sockets are what dram says of them.
declare const state: DurableObjectState;
declare const namespace: DurableObjectNamespace;
declare const socket: WebSocket;
export const objectState: WorkerObjectState = state;
export const stub: WorkerObjectStub = namespace.getByName("room");
export const ownSocket: WorkerSocket = socket;

declare const websocket: WebSocketHandlers;
export const Room: new (state: DurableObjectState, env: Env) => DurableObject = toDurableObject(
  application,
  { websocket },
);
export class Extended extends toDurableObject(application, {
  websocket: (given: DurableObjectState, env: Env) => {
    given.storage.put("bucket", String(env.BUCKET));
    return websocket;
  },
}) {
  async alarm(): Promise<void> {}
}

// The options of WebSockets are no handlers of the Worker.
export const routed: ExportedHandler<{ ROOMS: DurableObjectNamespace }> = toWorker(application, {
  durableObject: (environ, { ROOMS }: { ROOMS: DurableObjectNamespace }) =>
    environ.PATH_INFO === "/" ? undefined : ROOMS.getByName(environ.PATH_INFO),
});
export const alone: { fetch: unknown } & { websocket?: never } = toWorker(application, {
  websocket,
  maxMessageSize: 1024,
});

// The signal of environ is the platform's own.
export const signalled: Application = async (environ, startResponse) => {
  const signal: AbortSignal | undefined = environ["dram.signal"];
  await fetch("https://example.com", signal === undefined ? {} : { signal });
  startResponse("200 OK", []);
  return [];
};

// @ts-expect-error An option of the wrong type is an error.
toWorker(application, { scriptName: 5 });

// @ts-expect-error A Response is no body.
toWorker(() => new Response());
