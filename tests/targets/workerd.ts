import { type Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { finished, Readable } from "node:stream";
import { Miniflare, type WorkerdStructuredLog } from "miniflare";
import { bundle } from "../../scripts/bundle.ts";
import type { Target, TestRequest, TestResponse } from "./target.ts";

/** Real workerd, on a port of its own. */
export interface WorkerdTarget extends Target {
  readonly port: number;
  /** Sends bytes as they are and gives the one response that comes back. */
  sendRaw(bytes: string, options?: { halfClose?: boolean }): Promise<string>;
  /** Takes a Durable Object out of memory; its WebSockets stay, if they hibernate. */
  evict(className: string, name: string): Promise<void>;
  /** The JSON answer to a GET over HTTPS with what Cloudflare's edge would tell in `request.cf`. */
  fetchWithCf(path: string, cf: Record<string, unknown>): Promise<unknown>;
}

export interface WorkerdOptions {
  https?: boolean;
  bindings?: Record<string, string>;
  /** Names of bindings and of classes. */
  durableObjects?: Record<string, string>;
  /** Default: that of wrangler.toml. */
  compatibilityDate?: string;
  compatibilityFlags?: string[];
}

/** Boots workerd through Miniflare with a worker of the tests, as wrangler.toml configures it. */
export async function bootWorkerd(
  options: WorkerdOptions = {},
  worker = "../http/worker.ts",
): Promise<WorkerdTarget> {
  const code = await bundle(new URL(worker, import.meta.url));
  return bootModules([{ path: "worker.js", contents: code }], options);
}

/** A module of a Worker; what it is, the end of its name says. */
export interface WorkerModule {
  readonly path: string;
  readonly contents: string | Uint8Array<ArrayBuffer>;
}

/** Boots workerd with the modules of a Worker, of which the first is its entry. */
export async function bootModules(
  modules: readonly WorkerModule[],
  options: WorkerdOptions = {},
): Promise<WorkerdTarget> {
  const log: string[] = [];
  const miniflare = new Miniflare({
    modules: modules.map((module) => ({ ...module, type: typeOf(module.path) })),
    compatibilityDate: "2026-07-30",
    compatibilityFlags: ["enable_request_signal"],
    host: "127.0.0.1",
    port: 0,
    cf: false,
    ...options,
    name: "worker",
    handleStructuredLogs({ message }: WorkerdStructuredLog) {
      log.push(message);
    },
  });
  const port = Number((await miniflare.ready).port);
  return {
    name: "workerd",
    log,
    port,
    evict: (className, name) =>
      miniflare.unsafeEvictDurableObject("worker", className, { name, webSockets: "hibernate" }),
    async fetchWithCf(path, cf) {
      const response = await miniflare.dispatchFetch(`https://example.com${path}`, { cf });
      return response.json();
    },
    send: (request) => send(port, request),
    sendRaw: (bytes, options) => sendRaw(port, bytes, options),
    close: () => miniflare.dispose(),
  };
}

function typeOf(path: string): "ESModule" | "CompiledWasm" | "Data" {
  if (path.endsWith(".js")) {
    return "ESModule";
  }
  return path.endsWith(".wasm") ? "CompiledWasm" : "Data";
}

/** One request, by default on a connection of its own, header bytes as they are. */
export function send(
  port: number,
  { method = "GET", path, headers = [], body }: TestRequest,
  agent: Agent | false = false,
): Promise<TestResponse & { clientPort: number | undefined }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: "127.0.0.1", port, method, path, agent, headers: withHost(headers, port) },
      (response) =>
        resolve({
          ...fromMessage(response, () => request.destroy()),
          clientPort: response.socket.localPort,
        }),
    );
    request.on("error", reject);
    if (body === undefined) {
      request.end();
    } else {
      Readable.from(body instanceof Uint8Array ? [body] : body).pipe(request);
    }
  });
}

export function withHost(headers: TestRequest["headers"] & {}, port: number): string[] {
  const host = headers.some(([name]) => name.toLowerCase() === "host")
    ? []
    : ["Host", `localhost:${port}`];
  return [...host, ...headers.flat()];
}

export function fromMessage(response: IncomingMessage, leave: () => void): TestResponse {
  const { rawHeaders } = response;
  return {
    status: response.statusCode ?? 0,
    reason: response.statusMessage ?? "",
    headers: rawHeaders.flatMap((name, index) =>
      index % 2 === 0 ? [[name.toLowerCase(), rawHeaders[index + 1] ?? ""] as const] : [],
    ),
    chunks: response,
    leave,
  };
}

export function sendRaw(
  port: number,
  bytes: string,
  options: { halfClose?: boolean } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(bytes, "latin1");
      if (options.halfClose) {
        socket.end();
      }
    });
    let received = "";
    socket.setEncoding("latin1");
    socket.on("data", (data) => {
      received += data;
      // workerd keeps a connection open for 5 s, whatever the request says.
      if (isComplete(received)) {
        socket.destroy();
        resolve(received);
      }
    });
    finished(socket, (error) => (error && received === "" ? reject(error) : resolve(received)));
  });
}

/** Whether bytes are one whole response to anything but HEAD. */
export function isComplete(received: string): boolean {
  const end = received.indexOf("\r\n\r\n");
  if (end === -1) {
    return false;
  }
  const head = received.slice(0, end);
  const length = /^content-length: (\d+)/im.exec(head)?.[1];
  if (length !== undefined) {
    return received.length >= end + 4 + Number(length);
  }
  return /^transfer-encoding: chunked/im.test(head)
    ? received.endsWith("\r\n0\r\n\r\n")
    : /^HTTP\/1\.1 (204|304)/.test(head);
}
