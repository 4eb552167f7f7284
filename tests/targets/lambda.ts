import { cp } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";
import { functionBundling, makeBundleFolder } from "../../scripts/lambda/bundle.ts";
import { type LambdaFunction, startFunction } from "../../scripts/lambda/function.ts";
import type { Gateway } from "../../scripts/lambda/gateway.ts";
import { serveGateway } from "../../scripts/lambda/server.ts";
import { serveWebSocketApi } from "../../scripts/lambda/websocket.ts";

/** A function under AWS's own runtime client, behind one of AWS's gateways as we emulate them. */
export interface LambdaTarget {
  readonly port: number;
  /** What the function has logged, and what the gateway has refused. */
  readonly log: readonly string[];
  close(): Promise<void>;
}

export interface LambdaSpec {
  readonly gateway: Gateway;
  /** Exports `handler`. */
  readonly module: URL;
  /** What else the build of the module needs. */
  readonly bundling?: BuildOptions;
  /** Folders that are deployed beside the bundle, each by the last part of its path. */
  readonly beside?: readonly string[];
  /** Environment variables. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** Default: one that does not show in the path. */
  readonly stage?: string;
  /** Processes at a time. Default 1. */
  readonly concurrency?: number;
  /** Milliseconds. Default 30,000. */
  readonly timeout?: number;
}

/** As deployed, but for the network: clients name the gateway's own domain, and it says HTTPS. */
export async function bootLambda(spec: LambdaSpec): Promise<LambdaTarget> {
  const { gateway, module, stage } = spec;
  const log: string[] = [];
  const { invoke, close } = await startModule(spec, module, (line) => log.push(line));
  const server = await serveGateway({
    gateway,
    site: {
      domain: gateway.domain,
      scheme: "https",
      port: "443",
      ...(stage === undefined ? {} : { stage }),
    },
    port: 0,
    invoke,
    onRefusal: (request, reason) => log.push(`${request}: ${reason}`),
  });
  return {
    port: server.port,
    log,
    async close() {
      await server.close();
      await close();
    },
  };
}

/** A function behind a WebSocket API of the stage `prod`, whose management API only it can use. */
export async function bootWebSocketApi(
  module: URL,
  options: {
    readonly routes?: readonly string[];
    readonly binary?: boolean;
    /** What the function signs by; default: what the management API wants. */
    readonly secretAccessKey?: string;
    readonly timeout?: number;
  } = {},
): Promise<LambdaTarget & { readonly events: readonly string[] }> {
  const log: string[] = [];
  const events: string[] = [];
  let running: LambdaFunction | undefined;
  const server = await serveWebSocketApi({
    ...options,
    domain: "wsapi12345.execute-api.eu-central-1.amazonaws.com",
    stage: "prod",
    port: 0,
    credentials: CREDENTIALS,
    invoke: (event) =>
      running?.invoke(event) ?? Promise.reject(new Error("there is no function yet")),
    onExchange: (event) => events.push(event),
    onRefusal: (what, reason) => log.push(`${what}: ${reason}`),
  });
  const { accessKeyId, secretAccessKey, sessionToken } = { ...CREDENTIALS, ...options };
  running = await startModule(
    {
      ...options,
      variables: {
        AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI: `http://127.0.0.1:${server.port}/prod`,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_SESSION_TOKEN: sessionToken,
      },
    },
    module,
    (line) => log.push(line),
  );
  return {
    port: server.port,
    log,
    events,
    async close() {
      await server.close();
      await running?.close();
    },
  };
}

/** Those of AWS's documents. */
export const CREDENTIALS = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  sessionToken: "a-session-token",
  region: "eu-central-1",
};

/** A module as a function, built as SAM would build it. */
async function startModule(
  {
    bundling = {},
    beside = [],
    variables = {},
    concurrency = 1,
    timeout = 30_000,
  }: Pick<LambdaSpec, "bundling" | "beside" | "variables" | "concurrency" | "timeout">,
  module: URL,
  onLine: (line: string) => void,
): Promise<LambdaFunction> {
  const folder = await makeBundleFolder();
  await build({
    ...functionBundling(folder.path),
    ...bundling,
    entryPoints: [fileURLToPath(module)],
  });
  for (const path of beside) {
    await cp(path, join(folder.path, basename(path)), { recursive: true });
  }
  const { invoke, close } = startFunction(
    { folder: folder.path, timeout, variables, onLine },
    concurrency,
  );
  return {
    invoke,
    async close() {
      await close();
      await folder.remove();
    },
  };
}
