import { Console } from "node:console";
import { Writable } from "node:stream";
import { Logger } from "@aws-lambda-powertools/logger";
import { type LambdaLogger, toLambda } from "dram/lambda";
import { expect, test } from "vitest";
import { context, v2 } from "./helpers.ts";

/** The lines that a real logger writes for a failing application, as data. */
async function linesOf(...ids: string[]): Promise<Record<string, unknown>[]> {
  const lines: string[] = [];
  const out = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const powertools = new Logger({ serviceName: "hello" });
  Object.assign(powertools, { console: new Console(out) });
  // A type test as well: the logger as it is fits the option.
  const logger: LambdaLogger = powertools;
  const handler = toLambda(
    async () => {
      await new Promise((resolve) => setImmediate(resolve));
      throw new Error("secret");
    },
    { logger },
  );
  await Promise.all(ids.map((awsRequestId) => handler(v2(), context({ awsRequestId }))));
  return lines.map((line) => JSON.parse(line));
}

test("the logger of Powertools takes the gateway's lines with the keys of the invocation", async () => {
  expect(await linesOf("request-1")).toEqual([
    {
      level: "ERROR",
      message: expect.stringContaining("secret"),
      timestamp: expect.any(String),
      service: "hello",
      sampling_rate: 0,
      cold_start: true,
      function_arn: "arn:aws:lambda:eu-central-1:123456789012:function:a-function",
      function_memory_size: "128",
      function_name: "a-function",
      function_request_id: "request-1",
      correlation_id: "v2-1",
    },
  ]);
});

test("T19 with several invocations under way, each line has its own request id", async () => {
  const lines = await linesOf("a", "b", "c");
  expect(lines.map((line) => line.function_request_id)).toEqual(["a", "b", "c"]);
});
