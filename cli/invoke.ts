import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import { type LambdaContext, toLambda } from "../adapters/lambda/mod.ts";
import { type Application, type Environ, text } from "../core/mod.ts";
import { type Entry, loadEntry } from "./entry.ts";
import { readEvent } from "./event.ts";
import { Failure } from "./failure.ts";
import { printEnviron, printResult } from "./print.ts";

/** Milliseconds that a function is said to have. Lambda's own default is three seconds. */
const TIMEOUT = 30_000;

/**
 * `dram invoke`: one saved event through an entry.
 *
 * @returns What to print.
 * @throws {Failure} For whatever the user can repair.
 */
export async function invoke(parameters: readonly string[]): Promise<string> {
  const { path, event: file, handler, application } = parse(parameters);
  const event = readEvent(file);
  const entry = await loadEntry(path, { handler, application });
  const { environ, result } = await call(entry, event);
  const title = "handler" in entry ? "environ (without the options of the handler)" : "environ";
  return (environ === undefined ? "" : `${printEnviron(title, environ)}\n`) + printResult(result);
}

interface CommandLine {
  readonly path: string;
  readonly event: string;
  readonly handler: string | undefined;
  readonly application: string | undefined;
}

function parse(parameters: readonly string[]): CommandLine {
  const { values, positionals } = strictly(() =>
    parseArgs({
      args: [...parameters],
      allowPositionals: true,
      options: {
        event: { type: "string", short: "e" },
        handler: { type: "string" },
        application: { type: "string" },
      },
    }),
  );
  const [path, ...others] = positionals;
  if (path === undefined || others.length > 0) {
    throw new Failure(`invoke takes one ENTRY; found ${positionals.length}`, 2);
  }
  if (values.event === undefined) {
    throw new Failure("invoke needs --event FILE", 2);
  }
  if (values.handler !== undefined && values.application !== undefined) {
    throw new Failure("invoke takes either --handler or --application", 2);
  }
  return {
    path,
    event: values.event,
    handler: values.handler,
    application: values.application,
  };
}

function strictly<Value>(parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    throw new Failure(error instanceof Error ? error.message : String(error), 2);
  }
}

interface Outcome {
  /** Absent where the event is no request, or one that never reaches an application. */
  readonly environ: Environ | undefined;
  readonly result: unknown;
}

async function call(entry: Entry, event: unknown): Promise<Outcome> {
  if ("application" in entry) {
    return record(entry.application, event);
  }
  // A handler keeps its environ to itself, and its options too.
  const { environ } = await record(nothing, event, true).catch(() => NO_ENVIRON);
  return { environ, result: await attempt(() => entry.handler(event, context())) };
}

const NO_ENVIRON: Outcome = { environ: undefined, result: undefined };

const nothing: Application = (_environ, startResponse) => {
  startResponse("200 OK", []);
  return text("");
};

async function record(application: Application, event: unknown, isQuiet = false): Promise<Outcome> {
  let environ: Environ | undefined;
  const handler = toLambda(
    (given, startResponse) => {
      // A copy: the application may change its own.
      environ = { ...given };
      return application(given, startResponse);
    },
    isQuiet ? { errors: { write() {}, writelines() {}, flush() {} } } : {},
  );
  const result = await attempt(() => handler(event, context()));
  return { environ, result };
}

async function attempt(run: () => unknown): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Error)) {
      throw new Failure(`the invocation failed: ${String(error)}`);
    }
    // By its name: the entry may have a dram of its own.
    throw new Failure(
      error.name === "DramError" && "code" in error
        ? `${error.code}: ${error.message}`
        : `the invocation failed: ${error.stack ?? error.message}`,
    );
  }
}

function context(): LambdaContext {
  const end = Date.now() + TIMEOUT;
  return {
    awsRequestId: randomUUID(),
    functionName: "dram-invoke",
    invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:dram-invoke",
    memoryLimitInMB: "128",
    getRemainingTimeInMillis: () => end - Date.now(),
  };
}
