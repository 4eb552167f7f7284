// The Runtime API that AWS's own client asks for events, no more of it than a bench needs, and the client
// in a process of its own ("Using the Lambda runtime API for custom runtimes", AWS Lambda).

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { stop } from "../run/process.ts";

/** A function under AWS's client. */
export interface LambdaProcess {
  readonly child: ChildProcess;
  /** Gives it an event, and gives what it answers. */
  invoke(event: string): Promise<string>;
  close(): Promise<void>;
}

const CLIENT = fileURLToPath(import.meta.resolve("aws-lambda-ric"));

/**
 * Starts a function.
 *
 * @param bundle Its one file.
 * @param native What stands for the addon in C++ of AWS's client, compiled.
 */
export async function startFunction(bundle: string, native: string): Promise<LambdaProcess> {
  let waiting: { readonly event: string; settle(result: string): void } | undefined;
  let asking: ServerResponse | undefined;
  let settle: ((result: string) => void) | undefined;

  const server = createServer(async (request, response) => {
    if (request.url?.endsWith("/next")) {
      asking = response;
      give();
      return;
    }
    const result = await text(request);
    response.writeHead(202).end();
    settle?.(request.url?.endsWith("/response") ? result : `failed: ${result}`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  function give(): void {
    if (asking === undefined || waiting === undefined) {
      return;
    }
    asking.writeHead(200, {
      "lambda-runtime-aws-request-id": "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
      "lambda-runtime-deadline-ms": String(Date.now() + 30_000),
      "lambda-runtime-invoked-function-arn": "arn:aws:lambda:eu-central-1:123456789012:function:a",
      "lambda-runtime-trace-id": "Root=1-00000000-000000000000000000000000;Sampled=0",
    });
    asking.end(waiting.event);
    settle = waiting.settle;
    asking = undefined;
    waiting = undefined;
  }

  const folder = dirname(bundle);
  const child = spawn(process.execPath, ["--import", native, CLIENT, "index.handler"], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
      AWS_LAMBDA_FUNCTION_NAME: "a",
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "1024",
      AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/a",
      AWS_LAMBDA_LOG_STREAM_NAME: "local",
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
      AWS_REGION: "eu-central-1",
      LAMBDA_TASK_ROOT: folder,
      NODE_ENV: "production",
      _HANDLER: "index.handler",
    },
  });
  const ended = once(child, "exit").then(() => {
    for (const tell of [settle, waiting?.settle]) {
      tell?.("failed: the process has ended");
    }
  });
  return {
    child,
    invoke: (event) =>
      new Promise((resolve) => {
        waiting = { event, settle: resolve };
        give();
      }),
    async close() {
      await stop(child);
      await ended;
      server.close();
      server.closeAllConnections();
    },
  };
}
