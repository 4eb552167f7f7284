import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";
import { functionBundling, makeBundleFolder } from "../../scripts/lambda/bundle.ts";
import { type LambdaFunction, startFunction } from "../../scripts/lambda/function.ts";
import type { Gateway } from "../../scripts/lambda/gateway.ts";
import { serveGateway } from "../../scripts/lambda/server.ts";

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

/** A module as a function, built as SAM would build it. */
async function startModule(
  { bundling = {}, variables = {}, concurrency = 1, timeout = 30_000 }: LambdaSpec,
  module: URL,
  onLine: (line: string) => void,
): Promise<LambdaFunction> {
  const folder = await makeBundleFolder();
  await build({
    ...functionBundling(folder.path),
    ...bundling,
    entryPoints: [fileURLToPath(module)],
  });
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
