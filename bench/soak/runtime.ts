import { Writable } from "node:stream";
import type { Application } from "dram";
import {
  type LambdaContext,
  type LambdaOptions,
  type LambdaStream,
  type LambdaStreamHandler,
  toLambdaStream,
} from "dram/lambda";

/** The stream of Lambda's Node runtime, as far as a handler sees it; nobody is at its other end. */
export class RuntimeStream extends Writable implements LambdaStream {
  /** Called when bytes have been taken. */
  onBytes: (() => void) | undefined;

  setContentType(): void {}

  override _write(_chunk: Uint8Array, _encoding: string, done: () => void): void {
    setImmediate(() => {
      this.onBytes?.();
      done();
    });
  }
}

/** A streaming handler as it is made inside the runtime. */
export function streamHandler(
  application: Application,
  options: LambdaOptions,
): LambdaStreamHandler {
  const awslambda = {
    streamifyResponse: (handler: LambdaStreamHandler) => handler,
    HttpResponseStream: { from: (stream: LambdaStream) => stream },
  };
  Object.assign(globalThis, { awslambda });
  return toLambdaStream(application, options) as LambdaStreamHandler;
}

export function contextOf(id: string): LambdaContext {
  return {
    awsRequestId: id,
    functionName: "a-function",
    invokedFunctionArn: "arn:aws:lambda:eu-central-1:123456789012:function:a-function",
    memoryLimitInMB: "128",
    getRemainingTimeInMillis: () => 30_000,
  };
}
