import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type BuildContext, type BuildResult, context, type StdinOptions } from "esbuild";
import { messageOf, probe, show, toPort } from "./development.ts";
import {
  type BundleFolder,
  functionBundling,
  makeBundleFolder,
  pythonBuilds,
} from "./lambda/bundle.ts";
import type { Outcome } from "./lambda/environment.ts";
import { type LambdaFunction, startFunction } from "./lambda/function.ts";
import type { Gateway } from "./lambda/gateway.ts";
import { gateways } from "./lambda/gateways.ts";
import { type Emulator, serveGateway } from "./lambda/server.ts";
import { serveWebSocketApi } from "./lambda/websocket.ts";

/** The WebSocket API, which takes no requests: its module exports a handler. */
const WEBSOCKET = "websocket";

const USAGE = `npm run start:lambda -- [MODULE] [--as GATEWAY] [--stage NAME] [--print]

MODULE   exports an application, or a handler; default: examples/hello/application.ts
--as     ${[...Object.keys(gateways), WEBSOCKET].join(", ")};
         default: url-stream, a function URL that streams
--stage  of an API on API Gateway's own domain, where it begins every path; of a WebSocket API: prod
--print  shows each request's event and result
PORT=N   in the environment: where to listen; default: 3000`;

/** Milliseconds for one invocation. AWS gives 3 s to a function that does not say, 15 min at most. */
const TIMEOUT = 60_000;

/** Processes at a time. */
const CONCURRENCY = 10;

let bundler: BuildContext | undefined;
let folder: BundleFolder | undefined;
let emulator: Emulator | undefined;
let running: LambdaFunction | undefined;
let builds = 0;

try {
  await start();
} catch (error) {
  console.error(messageOf(error));
  await stop();
  process.exitCode = 1;
}

/** Serves a module as a function behind a gateway, and anew after each change of a source. */
async function start(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      as: { type: "string", default: "url-stream" },
      stage: { type: "string", default: "" },
      print: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const gateway = Object.hasOwn(gateways, values.as) ? gateways[values.as] : undefined;
  if (gateway === undefined && values.as !== WEBSOCKET) {
    throw new Error(`--as ${values.as} is no gateway.\n\n${USAGE}`);
  }
  const port = toPort(process.env.PORT ?? "3000");
  const stage = values.stage || (gateway === undefined ? "prod" : "");
  await probe(port, "npm run start:lambda");

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.once(signal, stop);
  }
  folder = await makeBundleFolder();
  const { path } = folder;
  const [module = "examples/hello/application.ts"] = positionals;
  bundler = await context({
    ...functionBundling(path),
    write: false,
    stdin: entry(resolve(module), gateway?.streams === true),
    plugins: [pythonBuilds, { name: "serve", setup: (build) => build.onEnd(serve) }],
  });
  await bundler.watch();

  async function serve(bundle: BuildResult): Promise<void> {
    await show(bundle);
    if (bundle.errors.length > 0) {
      console.error(running ? "The last good build still runs." : "Waiting for a change.");
      return;
    }
    const before = running;
    // A process that starts now gets this build, whatever becomes of the next one.
    const own = join(path, String(++builds));
    await mkdir(own);
    await writeFile(join(own, "index.mjs"), bundle.outputFiles?.[0]?.contents ?? "");
    emulator ??= await listen(gateway, port, stage, values.print);
    const variables =
      gateway === undefined ? { ...process.env, ...managing(emulator.port, stage) } : process.env;
    running = startFunction(
      { folder: own, timeout: TIMEOUT, variables, onLine: console.log },
      CONCURRENCY,
    );
    if (before !== undefined) {
      await before.close();
      console.log("Reloaded.");
    } else {
      const [title, scheme] =
        gateway === undefined ? ["a WebSocket API", "ws"] : [gateway.title, "http"];
      const url = `${scheme}://127.0.0.1:${emulator.port}/${stage}`;
      console.log(`The function is behind ${title} at ${url} (Ctrl-C stops it)`);
    }
  }
}

function listen(
  gateway: Gateway | undefined,
  port: number,
  stage: string,
  print: boolean,
): Promise<Emulator> {
  const common = {
    port,
    async invoke(event: string): Promise<Outcome> {
      return running?.invoke(event) ?? { kind: "error", message: "there is no function yet" };
    },
    ...(print ? { onExchange: printExchange } : {}),
    onRefusal: (request: string, reason: string) => console.error(`${request}: ${reason}`),
  };
  if (gateway === undefined) {
    return serveWebSocketApi({ ...common, domain: "localhost", stage, credentials: CREDENTIALS });
  }
  return serveGateway({
    ...common,
    gateway,
    site: {
      // dram/lambda believes a domain of this name what it says of scheme and port.
      domain: "localhost",
      scheme: "http",
      port: "",
      ...(stage === "" ? {} : { stage }),
    },
  });
}

/** What no process but the function has. */
const CREDENTIALS = {
  accessKeyId: "local",
  secretAccessKey: randomUUID(),
  sessionToken: "local",
  region: "eu-central-1",
};

/** What lets the function send to connections. */
function managing(port: number, stage: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI: `http://127.0.0.1:${port}/${stage}`,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_SESSION_TOKEN: CREDENTIALS.sessionToken,
  };
}

/** A module that exports the handler of another, or makes one of its application. */
function entry(module: string, streams: boolean): StdinOptions {
  const [path, maker] = [JSON.stringify(module), streams ? "toLambdaStream" : "toLambda"];
  return {
    contents: `
      import * as module from ${path};
      import { ${maker} } from "dram/lambda";
      const exported = { ...module };
      if (!exported.handler && !exported.application) {
        throw new Error(${path} + " exports neither an application nor a handler");
      }
      export const handler = exported.handler ?? ${maker}(exported.application);
    `,
    resolveDir: import.meta.dirname,
    sourcefile: "function.js",
  };
}

function printExchange(event: string, result: string): void {
  console.log(`event ${indented(event)}\nresult ${indented(result)}`);
}

/** What is no JSON stays as it is. */
function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}

/** Leaves nothing behind: no process, no folder, and no port in use. */
async function stop(): Promise<void> {
  // Ctrl-C reaches esbuild and the function as well, so either may be gone already.
  await Promise.allSettled([bundler?.dispose(), emulator?.close(), running?.close()]);
  await folder?.remove();
}
