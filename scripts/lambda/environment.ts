import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createInterface } from "node:readline";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** A function as Lambda runs it. */
export interface FunctionOptions {
  /** Where its bundle is: `index.mjs`, which exports `handler`. */
  readonly folder: string;
  /** Milliseconds for one invocation. */
  readonly timeout: number;
  /** Environment variables beside those of Lambda. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Takes a line of its log. */
  onLine(line: string): void;
}

/** What an invocation has come to. The body of a stream must be read to its end. */
export type Outcome =
  | { readonly kind: "value"; readonly payload: Buffer }
  | { readonly kind: "stream"; readonly contentType: string; readonly body: IncomingMessage }
  | { readonly kind: "error"; readonly message: string };

/** One process of a function, which has one invocation at a time. */
export interface Environment {
  invoke(event: string): Promise<Outcome>;
  close(): Promise<void>;
}

/** What its owner is told. */
export interface Events {
  /** It asks for an event, and there is none. */
  onIdle(): void;
  onExit(): void;
}

/** The most of a buffered response, in bytes: AWS Lambda quotas say 6 MB, this is measured. */
const MAX_PAYLOAD = 6_291_556;

/**
 * Starts AWS's own runtime client with the function, and the Runtime API that it asks for events
 * ("Using the Lambda runtime API for custom runtimes", AWS Lambda, 2026-11).
 */
export function startEnvironment(options: FunctionOptions, events: Events): Environment {
  /** Not given to the client yet. */
  let next: { readonly event: string; settle(outcome: Outcome): void } | undefined;
  /** By request id. The client may ask for the next event before a failed response has arrived. */
  const unsettled = new Map<string, (outcome: Outcome) => void>();
  let asking: ServerResponse | undefined;
  let timer: NodeJS.Timeout | undefined;

  const server = createServer((request, response) => {
    request.on("error", ignore);
    const [, id = "", what] =
      /\/(?:([^/]+)\/)?(next|response|error)$/.exec(request.url ?? "") ?? [];
    if (what === "next") {
      ask(response);
    } else if (what === "response") {
      receive(id, request, response).catch(ignore);
    } else {
      receiveError(id, request, response).catch(ignore);
    }
  }).listen(0, "127.0.0.1");
  const started = once(server, "listening").then(() => {
    const address = server.address();
    return spawnClient(options, typeof address === "string" ? 0 : (address?.port ?? 0));
  });
  const ended = started.then(async (child) => {
    await once(child, "exit");
    clearTimeout(timer);
    server.close();
    server.closeAllConnections();
    fail("Runtime.ExitError: the process has ended");
    events.onExit();
  });

  function settle(id: string, outcome: Outcome): void {
    unsettled.get(id)?.(outcome);
    unsettled.delete(id);
  }

  /** Whatever is under way has come to nothing. */
  function fail(message: string): void {
    next?.settle({ kind: "error", message });
    next = undefined;
    for (const id of unsettled.keys()) {
      settle(id, { kind: "error", message });
    }
  }

  function ask(response: ServerResponse): void {
    clearTimeout(timer);
    asking = response;
    if (next === undefined) {
      events.onIdle();
    } else {
      give();
    }
  }

  function give(): void {
    if (asking === undefined || next === undefined) {
      return;
    }
    const id = randomUUID();
    unsettled.set(id, next.settle);
    asking.writeHead(200, {
      "content-type": "application/json",
      "lambda-runtime-aws-request-id": id,
      "lambda-runtime-deadline-ms": String(Date.now() + options.timeout),
      "lambda-runtime-invoked-function-arn": ARN,
      "lambda-runtime-trace-id": "Root=1-00000000-000000000000000000000000;Sampled=0",
    });
    asking.end(next.event);
    asking = undefined;
    next = undefined;
    timer = setTimeout(stop, options.timeout);
  }

  async function receive(
    id: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (request.headers["lambda-runtime-function-response-mode"] === "streaming") {
      const contentType = request.headers["content-type"] ?? "application/octet-stream";
      request.on("end", () => response.writeHead(202).end());
      settle(id, { kind: "stream", contentType, body: request });
      return;
    }
    const payload = await buffer(request);
    const fits = payload.length <= MAX_PAYLOAD;
    settle(id, fits ? { kind: "value", payload } : { kind: "error", message: tooLarge(payload) });
    response.writeHead(fits ? 202 : 413).end();
  }

  async function receiveError(
    id: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { errorType, errorMessage } = JSON.parse((await buffer(request)).toString());
    const message = `${errorType}: ${errorMessage}`;
    if (id === "init") {
      fail(message);
    } else {
      settle(id, { kind: "error", message });
    }
    response.writeHead(202).end();
  }

  async function stop(): Promise<void> {
    const seconds = (options.timeout / 1000).toFixed(2);
    fail(`Sandbox.Timedout: timed out after ${seconds} seconds`);
    await close();
  }

  async function close(): Promise<void> {
    // SIGKILL, as Lambda does to a process without extensions.
    (await started).kill("SIGKILL");
    await ended;
  }

  return {
    invoke(event) {
      return new Promise((settle) => {
        next = { event, settle };
        give();
      });
    },
    close,
  };
}

function spawnClient({ folder, variables, onLine }: FunctionOptions, port: number): ChildProcess {
  const child = spawn(
    process.execPath,
    ["--enable-source-maps", "--import", NATIVE, CLIENT, "index.handler"],
    {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env.PATH,
        ...variables,
        TZ: ":UTC",
        LANG: "en_US.UTF-8",
        AWS_REGION: "eu-central-1",
        AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
        AWS_LAMBDA_FUNCTION_NAME: NAME,
        AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "1024",
        AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${NAME}`,
        AWS_LAMBDA_LOG_STREAM_NAME: "local",
        AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
        LAMBDA_TASK_ROOT: folder,
        _HANDLER: "index.handler",
      },
    },
  );
  for (const output of [child.stdout, child.stderr]) {
    createInterface({ input: output }).on("line", onLine);
  }
  return child;
}

/** A process that is stopped breaks off what it sends; its exit settles what it was at. */
function ignore(): void {}

function tooLarge({ length }: Buffer): string {
  return `Function.ResponseSizeTooLarge: the result has ${length} bytes of at most ${MAX_PAYLOAD}`;
}

const NAME = "local";
const ARN = `arn:aws:lambda:eu-central-1:123456789012:function:${NAME}`;
const CLIENT = fileURLToPath(import.meta.resolve("aws-lambda-ric"));
const NATIVE = new URL("native.ts", import.meta.url).href;
