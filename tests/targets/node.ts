import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { request as secureRequest } from "node:https";
import { Readable } from "node:stream";
import type { GatewayOptions } from "dram";
import type { ServeOptions } from "dram/node";
import { makeCertificate } from "./certificate.ts";
import { linesOf } from "./lines.ts";
import type { Target, TestRequest, TestResponse } from "./target.ts";
import { fromMessage, send, sendRaw, withHost } from "./workerd.ts";

/** What to serve, as JSON can say it. */
export interface NodeServerSpec {
  /**
   * The URL of a module: one that exports `application` is served by `serve`, one that exports
   * `createListener` by a server as a user makes it.
   */
  readonly module: string;
  readonly protocol: "http" | "https" | "h2c" | "h2";
  readonly tls?: { key: string; cert: string; [option: string]: unknown };
  readonly options?: GatewayOptions | ServeOptions;
  /** Flags of Node's. */
  readonly flags?: readonly string[];
}

/** A Node server in a process of its own. */
export interface NodeTarget extends Target {
  readonly port: number;
  readonly url: string;
  readonly process: ChildProcess;
  /** What the process has printed on standard output, a line each. */
  readonly output: readonly string[];
  /** The certificate to trust, under TLS. */
  readonly ca: string | undefined;
  /** Resolves with the exit code, or the signal that has ended the process. */
  readonly exit: Promise<number | string>;
  /** Sends bytes as they are and gives the one response that comes back. Not under TLS. */
  sendRaw(bytes: string, options?: { halfClose?: boolean }): Promise<string>;
}

/** Boots a server of `node:http`, `node:https` or `node:http2`, by default with the application of the tests. */
export async function bootNode(spec: Partial<NodeServerSpec> = {}): Promise<NodeTarget> {
  const { protocol = "http" } = spec;
  const tls =
    protocol === "https" || protocol === "h2" ? { ...makeCertificate(), ...spec.tls } : undefined;
  const full: NodeServerSpec = {
    module: new URL("../http/node-listener.ts", import.meta.url).href,
    ...spec,
    protocol,
    ...(tls === undefined ? {} : { tls }),
  };
  const child = fork(new URL("./node-server.ts", import.meta.url), [JSON.stringify(full)], {
    execArgv: ["--conditions=dram-source", ...(spec.flags ?? [])],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const log = linesOf(child.stderr);
  const output = linesOf(child.stdout);
  const exit = once(child, "exit").then(([code, signal]): number | string => code ?? signal);
  const [said] = await Promise.race([
    once(child, "message"),
    exit.then((code) => Promise.reject(new Error(`ended with ${code}: ${log.join("\n")}`))),
  ]);
  const { url, port }: { url: string; port: number } = said;
  return {
    name: "node",
    log,
    output,
    port,
    url,
    process: child,
    ca: tls?.cert,
    exit,
    send(request) {
      if (protocol === "http") {
        return send(port, request);
      }
      return protocol === "https"
        ? sendSecure(port, request, tls?.cert)
        : sendHttp2(url, request, tls?.cert);
    },
    sendRaw: (bytes, options) => sendRaw(port, bytes, options),
    async close() {
      child.kill("SIGTERM");
      await exit;
    },
  };
}

function sendSecure(
  port: number,
  { method = "GET", path, headers = [], body }: TestRequest,
  ca: string | undefined,
): Promise<TestResponse> {
  return new Promise((resolve, reject) => {
    const request = secureRequest(
      {
        ...{ host: "127.0.0.1", servername: "localhost", port, method, path, agent: false },
        ...(ca === undefined ? {} : { ca }),
        headers: withHost(headers, port),
      },
      (response) => resolve(fromMessage(response, () => request.destroy())),
    );
    request.on("error", reject);
    sendBody(body, request);
  });
}

async function sendHttp2(
  url: string,
  { method = "GET", path, headers = [], body }: TestRequest,
  ca: string | undefined,
): Promise<TestResponse> {
  const session: ClientHttp2Session = connectHttp2(url, ca === undefined ? {} : { ca });
  const fields: Record<string, string | string[]> = { ":method": method, ":path": path };
  for (const [name, value] of headers) {
    fields[name.toLowerCase()] = [fields[name.toLowerCase()] ?? [], value].flat();
  }
  const stream = session.request(fields);
  sendBody(body, stream);
  stream.once("close", () => session.close());
  const [received] = await once(stream, "response");
  return {
    status: received[":status"],
    reason: "",
    headers: Object.entries<string | string[]>(received).flatMap(([name, values]) =>
      name.startsWith(":") ? [] : [values].flat().map((value) => [name, value] as const),
    ),
    chunks: stream,
    leave: () => session.destroy(),
  };
}

function sendBody(body: TestRequest["body"], sink: NodeJS.WritableStream): void {
  if (body === undefined) {
    sink.end();
  } else {
    Readable.from(body instanceof Uint8Array ? [body] : body).pipe(sink);
  }
}
