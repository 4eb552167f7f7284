import { consoleErrors, DramError, explain, type Lifespan, LineErrors } from "../../core/mod.ts";
import {
  ABORT_TIME,
  addressOf,
  endInOrder,
  GRACE_TIME,
  Lifetime,
  messageOf,
  Stop,
  within,
} from "../process/mod.ts";
import type { Client, Host } from "./client.ts";
import { checkOptions, type ServeOptions } from "./options.ts";
import { isTold } from "./response.ts";
import type { Sockets } from "./sockets.ts";
import type { DenoAddress, DenoHandler, DenoServer } from "./types.ts";

/** What is to be served. */
export interface Served {
  readonly sockets: Sockets | undefined;
  readonly lifespan: Lifespan | undefined;
  createHandler(host: Host): DenoHandler;
}

/**
 * Makes a server of a handler.
 *
 * @throws {DramError} `ERR_OPTION`, also if it cannot listen there.
 */
export async function listen(served: Served, options: ServeOptions): Promise<DenoServer> {
  checkOptions(options);
  const { sockets, lifespan } = served;
  const graceTime = options.graceTime ?? GRACE_TIME;
  const errors = new LineErrors(options.errors ?? consoleErrors);
  const lifetime = new Lifetime<Client>();
  await lifespan?.startup();
  let server: NativeServer;
  try {
    // No request comes before there is a handler: it would have to wait for this step to be over.
    server = bind((request, info) => handler(request, info), options, errors);
  } catch (error) {
    await lifespan?.shutdown();
    throw error;
  }
  const scheme = options.tls === undefined ? "http" : "https";
  const handler = served.createHandler({ scheme, ...nameOf(server.addr), lifetime });

  const stop = new Stop(stoppable(server, graceTime), lifetime, graceTime);
  const { signals = true } = options;
  const serving = { stop, lifetime, sockets, lifespan, errors, graceTime, signals };
  return {
    ...addressOf({ address: () => inNodeTerms(server.addr) }, scheme, options),
    ...endInOrder(serving),
  };
}

type NativeServer = ReturnType<typeof Deno.serve>;

function bind(handler: DenoHandler, options: ServeOptions, errors: LineErrors): NativeServer {
  const { port = 8000, host = "127.0.0.1", path, tls } = options;
  try {
    return Deno.serve(
      {
        ...(path === undefined ? { port, hostname: host, ...tls } : { path }),
        onListen() {},
        onError(error) {
          if (!isTold(error)) {
            errors.write(`dram: the gateway has failed: ${explain(error)}\n`);
          }
          return new Response(null, { status: 500 });
        },
      },
      handler,
    );
  } catch (cause) {
    const where = path ?? `${host}:${port}`;
    throw new DramError("ERR_OPTION", `cannot listen on ${where}: ${messageOf(cause)}`, { cause });
  }
}

/** What the server is called by itself: by nothing, if it listens on every address. */
function nameOf({ hostname, port }: DenoAddress): Pick<Host, "name" | "port"> {
  if (hostname === undefined || port === undefined) {
    return { name: "localhost", port: "" };
  }
  const isAny = hostname === "0.0.0.0" || hostname === "::";
  const name = hostname.includes(":") ? `[${hostname}]` : hostname;
  return { name: isAny ? undefined : name, port: String(port) };
}

type NodeNamed = Parameters<typeof addressOf>[0];

function inNodeTerms({ hostname, port }: DenoAddress): ReturnType<NodeNamed["address"]> {
  return hostname === undefined || port === undefined
    ? null
    : { address: hostname, family: hostname.includes(":") ? "IPv6" : "IPv4", port };
}

/**
 * Deno's server as `Stop` has servers: Deno shows no connections, and has no way to break one once
 * it stops. A client that takes nothing of its response would be waited for without end.
 */
function stoppable(server: NativeServer, graceTime: number): ConstructorParameters<typeof Stop>[0] {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  server.finished.then(resolve, resolve);
  return {
    on() {},
    once: (_event, listener) => closed.then(listener),
    async close() {
      await within(server.shutdown(), graceTime + ABORT_TIME);
      resolve();
    },
  };
}
