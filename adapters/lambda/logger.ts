import type { ErrorStream } from "../../core/mod.ts";
import type { LambdaContext } from "./invocation.ts";

/** The part of a structured logger that the gateway uses: that of `@aws-lambda-powertools/logger`. */
export interface LambdaLogger {
  /** Logs one line with these keys beside it. */
  error(message: string, attributes: Record<string, unknown>): void;
}

/**
 * The log of one invocation: each line with the keys of its own invocation. They are given anew with
 * every line, because a logger's own context is one for all invocations that overlap.
 */
export class InvocationLog implements ErrorStream {
  #logger: LambdaLogger;
  #context: LambdaContext | undefined;
  #coldStart: boolean;
  /** What the source calls the request. */
  correlationId: string | undefined;

  constructor(logger: LambdaLogger, context: LambdaContext | undefined, coldStart: boolean) {
    this.#logger = logger;
    this.#context = context;
    this.#coldStart = coldStart;
  }

  write(text: string): void {
    this.#logger.error(text.trimEnd(), {
      cold_start: this.#coldStart,
      function_arn: this.#context?.invokedFunctionArn,
      function_memory_size: this.#context?.memoryLimitInMB,
      function_name: this.#context?.functionName,
      function_request_id: this.#context?.awsRequestId,
      correlation_id: this.correlationId,
    });
  }

  writelines(texts: Iterable<string>): void {
    for (const text of texts) {
      this.write(text);
    }
  }

  flush(): void {}
}
